import type { TreeNode } from "../tree.js";
import {
  CHUNK_HEADER_LENGTH,
  type ChunkCheck,
  checkChunkOfAtLeast,
  chunkLength,
  writeChunkHeader,
} from "./chunk.js";
import { chunkFields } from "./chunk-node.js";
import { ChunkType } from "./chunk-type.js";
import { describeParameter, summarizeParameter } from "./describe-parameter.js";
import {
  checkParameters,
  nextParameter,
  PARAMETER_HEADER_LENGTH,
  parameterType,
} from "./parameter.js";
import { ParameterType } from "./parameter-type.js";
import { describeList, summarizeList, tlvEnd, tlvNode } from "./tlv-node.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// | Type = 130    |  Chunk Flags  |      Chunk Length             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// /                  Re-configuration Parameter                   /
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// /             Re-configuration Parameter (optional)             /
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 6525 s3.1

/**
 * Checks that it has a parameter and that all can be walked, from {@link reConfigParametersStart} to
 * `at + chunkLength`. What is in each is for its own check.
 */
export function checkReConfig(view: DataView, at: number, end: number): ChunkCheck {
  const least = CHUNK_HEADER_LENGTH + PARAMETER_HEADER_LENGTH;
  const state = checkChunkOfAtLeast(view, at, end, least);
  if (state !== "ok") return state;
  // Parameters are bounded by the chunk's length, not by the packet's end.
  const stop = at + chunkLength(view, at);
  return checkParameters(view, reConfigParametersStart(at), stop) === "ok" ? "ok" : "badLength";
}

/** Where the first parameter begins. */
export const reConfigParametersStart = (at: number): number => at + CHUNK_HEADER_LENGTH;

/**
 * True if its parameters are one of the ten combinations that RFC 6525 s3.1 allows; a sender of others
 * is told of a protocol violation. The order within a pair is not looked at. Only after
 * {@link checkReConfig}.
 */
export function reConfigCombinationIsAllowed(view: DataView, at: number): boolean {
  const stop = at + chunkLength(view, at);
  const first = reConfigParametersStart(at);
  const second = nextParameter(view, first);
  const a = parameterType(view, first);
  if (second >= stop) return isReConfigParameter(a);
  if (nextParameter(view, second) < stop) return false;
  const b = parameterType(view, second);
  return isAllowedPair(a, b) || isAllowedPair(b, a);
}

/**
 * Writes the header, before the parameters; 4 bytes.
 * @param length of the whole chunk: 4 and the parameters, without padding of the last
 * @returns 4
 */
export const writeReConfigHeader = (view: DataView, at: number, length: number): number =>
  writeChunkHeader(view, at, ChunkType.reConfig, 0, length);

/** The whole chunk as a tree. */
export function describeReConfig(view: DataView, at: number, end: number): TreeNode {
  const fields = chunkFields(view, at, end);
  const first = reConfigParametersStart(at);
  for (const node of describeList(view, first, tlvEnd(view, at, end), describeParameter)) {
    fields.push(node);
  }
  return tlvNode("reConfig", view, at, end, fields, checkReConfig(view, at, end));
}

/** One line: `RE-CONFIG outgoingSsnResetRequest(seq=7 streams=0,2)`. */
export function summarizeReConfig(view: DataView, at: number, end: number): string {
  const state = checkReConfig(view, at, end);
  if (state !== "ok") return `RE-CONFIG [${state}]`;
  const stop = at + chunkLength(view, at);
  return `RE-CONFIG${summarizeList(view, reConfigParametersStart(at), stop, summarizeParameter)}`;
}

const isReConfigParameter = (type: number): boolean =>
  type >= ParameterType.outgoingSsnResetRequest && type <= ParameterType.addIncomingStreamsRequest;

function isAllowedPair(a: number, b: number): boolean {
  switch (a) {
    case ParameterType.outgoingSsnResetRequest:
      return b === ParameterType.incomingSsnResetRequest;
    case ParameterType.addOutgoingStreamsRequest:
      return b === ParameterType.addIncomingStreamsRequest;
    case ParameterType.reconfigurationResponse:
      return (
        b === ParameterType.outgoingSsnResetRequest || b === ParameterType.reconfigurationResponse
      );
    default:
      return false;
  }
}
