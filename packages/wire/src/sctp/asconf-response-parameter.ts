import type { TreeNode } from "../tree.js";
import { describeCause, summarizeCause } from "./describe-cause.js";
import { checkCauses } from "./error-cause.js";
import {
  checkParameterOfAtLeast,
  type ParameterCheck,
  parameterLength,
  parameterType,
  writeParameterHeader,
} from "./parameter.js";
import { ParameterType, parameterTypeName } from "./parameter-type.js";
import {
  badSuffix,
  describeList,
  hex32,
  parameterFields,
  parameterNode,
  summarizeList,
  tlvEnd,
} from "./tlv-node.js";

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |    Type = 0xC003, 0xC005      |      Length = Variable        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |             ASCONF-Response Correlation ID                    |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// /               Error Cause(s) (type 0xC003 only)               /
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// RFC 5061 s4.2.3 (errorCauseIndication), s4.2.5 (successIndication)
const CORRELATION_ID = 4;

/** Length of a successIndication, and of an errorCauseIndication before its causes. */
export const ASCONF_RESPONSE_FIXED_LENGTH = 8;

/** Checks an errorCauseIndication and the walk over its causes, or a successIndication. */
export function checkAsconfResponse(view: DataView, at: number, end: number): ParameterCheck {
  const state = checkParameterOfAtLeast(view, at, end, ASCONF_RESPONSE_FIXED_LENGTH);
  if (state !== "ok") return state;
  const length = parameterLength(view, at);
  if (parameterType(view, at) === ParameterType.successIndication) {
    return length === ASCONF_RESPONSE_FIXED_LENGTH ? "ok" : "badLength";
  }
  // Causes are bounded by the parameter's length, not by the packet's end.
  const causes = checkCauses(view, asconfResponseCausesStart(at), at + length);
  return causes === "ok" ? "ok" : "badLength";
}

/** Where the causes of an errorCauseIndication begin; they end at `at + parameterLength`. */
export const asconfResponseCausesStart = (at: number): number => at + ASCONF_RESPONSE_FIXED_LENGTH;

/**
 * Writes a successIndication, or the part of an errorCauseIndication before its causes; 8 bytes.
 * @param type `ParameterType.successIndication` or `ParameterType.errorCauseIndication`
 * @param correlationId as in the request that is answered
 * @param length of the whole parameter: 8 and the causes, without padding of the last
 * @returns 8
 */
export function writeAsconfResponse(
  view: DataView,
  at: number,
  type: number,
  correlationId: number,
  length: number = ASCONF_RESPONSE_FIXED_LENGTH,
): number {
  writeParameterHeader(view, at, type, length);
  view.setUint32(at + CORRELATION_ID, correlationId);
  return ASCONF_RESPONSE_FIXED_LENGTH;
}

/** The parameter as a tree. */
export function describeAsconfResponse(view: DataView, at: number, end: number): TreeNode {
  const fields = parameterFields(view, at, end);
  fields.uint("correlationId", at + CORRELATION_ID, 4, hex32);
  const causes = asconfResponseCausesStart(at);
  for (const node of describeList(view, causes, tlvEnd(view, at, end), describeCause)) {
    fields.push(node);
  }
  return parameterNode(view, at, end, fields, checkAsconfResponse(view, at, end));
}

/** One line: `errorCauseIndication(requestRefusedNoAuthorization(addIpAddress(10.2.0.2)))`. */
export function summarizeAsconfResponse(view: DataView, at: number, end: number): string {
  const state = checkAsconfResponse(view, at, end);
  if (state !== "ok") return `asconf response${badSuffix(state)}`;
  const stop = tlvEnd(view, at, end);
  const causes = summarizeList(view, asconfResponseCausesStart(at), stop, summarizeCause).trim();
  const name = parameterTypeName(parameterType(view, at));
  return causes === "" ? name : `${name}(${causes})`;
}
