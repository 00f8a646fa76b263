import type { TreeNode } from "../tree.js";
import { describeAddressParameter, summarizeAddressParameter } from "./address-parameter.js";
import { describeAsconfRequest, summarizeAsconfRequest } from "./asconf-request-parameter.js";
import { causeCode, checkCause, ErrorCause, errorCauseName } from "./error-cause.js";
import {
  describeMissingParameterCause,
  summarizeMissingParameterCause,
} from "./missing-parameter-cause.js";
import { describeNumberCause, summarizeNumberCause } from "./number-cause.js";
import { causeContentStart, describeOpaqueCause, summarizeOpaqueCause } from "./opaque-cause.js";
import { describeOpaqueParameter, summarizeOpaqueParameter } from "./opaque-parameter.js";
import { parameterType } from "./parameter.js";
import { ParameterType } from "./parameter-type.js";
import { causeFields, causeNode, describeList, summarizeList, tlvEnd } from "./tlv-node.js";
import { describeUnknownChunk, summarizeUnknownChunk } from "./unknown-chunk.js";

type Describe = (view: DataView, at: number, end: number) => TreeNode;
type Summarize = (view: DataView, at: number, end: number) => string;

/** Any cause as a tree, with the parameters or the chunk that it quotes. */
export function describeCause(view: DataView, at: number, end: number): TreeNode {
  switch (end - at < 2 ? -1 : causeCode(view, at)) {
    case ErrorCause.invalidStreamIdentifier:
    case ErrorCause.staleCookie:
    case ErrorCause.noUserData:
    case ErrorCause.unsupportedHmacIdentifier:
      return describeNumberCause(view, at, end);
    case ErrorCause.missingMandatoryParameter:
      return describeMissingParameterCause(view, at, end);
    case ErrorCause.unresolvableAddress:
    case ErrorCause.restartWithNewAddresses:
      return describeQuoting(view, at, end, describeAddressOrOther);
    case ErrorCause.unrecognizedChunkType:
      return describeQuoting(view, at, end, describeUnknownChunk);
    case ErrorCause.unrecognizedParameters:
      return describeQuoting(view, at, end, describeOpaqueParameter);
    case ErrorCause.requestToDeleteLastRemainingIpAddress:
    case ErrorCause.operationRefusedDueToResourceShortage:
    case ErrorCause.requestToDeleteSourceIpAddress:
    case ErrorCause.requestRefusedNoAuthorization:
      return describeQuoting(view, at, end, describeRequestOrOther);
    default:
      return describeOpaqueCause(view, at, end);
  }
}

/** One line: the cause's name with what it says, such as `staleCookie(2500us)`. */
export function summarizeCause(view: DataView, at: number, end: number): string {
  switch (end - at < 2 ? -1 : causeCode(view, at)) {
    case ErrorCause.invalidStreamIdentifier:
    case ErrorCause.staleCookie:
    case ErrorCause.noUserData:
    case ErrorCause.unsupportedHmacIdentifier:
      return summarizeNumberCause(view, at, end);
    case ErrorCause.missingMandatoryParameter:
      return summarizeMissingParameterCause(view, at, end);
    case ErrorCause.unresolvableAddress:
    case ErrorCause.restartWithNewAddresses:
      return summarizeQuoting(view, at, end, summarizeAddressOrOther);
    case ErrorCause.unrecognizedChunkType:
      return summarizeQuoting(view, at, end, summarizeUnknownChunk);
    case ErrorCause.unrecognizedParameters:
      return summarizeQuoting(view, at, end, summarizeOpaqueParameter);
    case ErrorCause.requestToDeleteLastRemainingIpAddress:
    case ErrorCause.operationRefusedDueToResourceShortage:
    case ErrorCause.requestToDeleteSourceIpAddress:
    case ErrorCause.requestRefusedNoAuthorization:
      return summarizeQuoting(view, at, end, summarizeRequestOrOther);
    default:
      return summarizeOpaqueCause(view, at, end);
  }
}

function describeQuoting(view: DataView, at: number, end: number, describe: Describe): TreeNode {
  const fields = causeFields(view, at, end);
  const quoted = describeList(view, causeContentStart(at), tlvEnd(view, at, end), describe);
  for (const node of quoted) fields.push(node);
  return causeNode(view, at, end, fields, checkCause(view, at, end));
}

function summarizeQuoting(view: DataView, at: number, end: number, summarize: Summarize): string {
  if (checkCause(view, at, end) !== "ok") return summarizeOpaqueCause(view, at, end);
  const stop = tlvEnd(view, at, end);
  const quoted = summarizeList(view, causeContentStart(at), stop, summarize).trim();
  return `${errorCauseName(causeCode(view, at))}(${quoted})`;
}

const describeAddressOrOther: Describe = (view, at, end) =>
  isAddress(view, at, end)
    ? describeAddressParameter(view, at, end)
    : describeOpaqueParameter(view, at, end);

const summarizeAddressOrOther: Summarize = (view, at, end) =>
  isAddress(view, at, end)
    ? summarizeAddressParameter(view, at, end)
    : summarizeOpaqueParameter(view, at, end);

const describeRequestOrOther: Describe = (view, at, end) =>
  isAsconfRequest(view, at, end)
    ? describeAsconfRequest(view, at, end)
    : describeOpaqueParameter(view, at, end);

const summarizeRequestOrOther: Summarize = (view, at, end) =>
  isAsconfRequest(view, at, end)
    ? summarizeAsconfRequest(view, at, end)
    : summarizeOpaqueParameter(view, at, end);

function isAddress(view: DataView, at: number, end: number): boolean {
  if (end - at < 2) return false;
  const type = parameterType(view, at);
  return type === ParameterType.ipv4Address || type === ParameterType.ipv6Address;
}

function isAsconfRequest(view: DataView, at: number, end: number): boolean {
  if (end - at < 2) return false;
  const type = parameterType(view, at);
  return (
    type === ParameterType.addIpAddress ||
    type === ParameterType.deleteIpAddress ||
    type === ParameterType.setPrimaryAddress
  );
}
