import type { TreeNode } from "../tree.js";
import {
  describeAdaptationLayerParameter,
  summarizeAdaptationLayerParameter,
} from "./adaptation-layer-parameter.js";
import {
  describeAddStreamsRequest,
  summarizeAddStreamsRequest,
} from "./add-streams-request-parameter.js";
import { describeAddressParameter, summarizeAddressParameter } from "./address-parameter.js";
import { describeAsconfRequest, summarizeAsconfRequest } from "./asconf-request-parameter.js";
import { describeAsconfResponse, summarizeAsconfResponse } from "./asconf-response-parameter.js";
import {
  describeChunkTypesParameter,
  summarizeChunkTypesParameter,
} from "./chunk-types-parameter.js";
import {
  describeCookiePreservativeParameter,
  summarizeCookiePreservativeParameter,
} from "./cookie-preservative-parameter.js";
import {
  describeHmacAlgorithmParameter,
  summarizeHmacAlgorithmParameter,
} from "./hmac-algorithm-parameter.js";
import {
  describeOpaqueParameter,
  parameterValueStart,
  summarizeOpaqueParameter,
} from "./opaque-parameter.js";
import { checkParameter, parameterType } from "./parameter.js";
import { ParameterType } from "./parameter-type.js";
import {
  describeReconfigurationResponse,
  summarizeReconfigurationResponse,
} from "./reconfiguration-response-parameter.js";
import {
  describeSsnResetRequest,
  summarizeSsnResetRequest,
} from "./ssn-reset-request-parameter.js";
import {
  describeSupportedAddressTypesParameter,
  summarizeSupportedAddressTypesParameter,
} from "./supported-address-types-parameter.js";
import { parameterFields, parameterNode, tlvEnd } from "./tlv-node.js";
import {
  describeZeroChecksumParameter,
  summarizeZeroChecksumParameter,
} from "./zero-checksum-parameter.js";

/** Any parameter as a tree, with what is inside it. */
export function describeParameter(view: DataView, at: number, end: number): TreeNode {
  switch (end - at < 2 ? -1 : parameterType(view, at)) {
    case ParameterType.ipv4Address:
    case ParameterType.ipv6Address:
      return describeAddressParameter(view, at, end);
    case ParameterType.unrecognizedParameter:
      return describeUnrecognizedParameter(view, at, end);
    case ParameterType.cookiePreservative:
      return describeCookiePreservativeParameter(view, at, end);
    case ParameterType.supportedAddressTypes:
      return describeSupportedAddressTypesParameter(view, at, end);
    case ParameterType.outgoingSsnResetRequest:
    case ParameterType.incomingSsnResetRequest:
    case ParameterType.ssnTsnResetRequest:
      return describeSsnResetRequest(view, at, end);
    case ParameterType.reconfigurationResponse:
      return describeReconfigurationResponse(view, at, end);
    case ParameterType.addOutgoingStreamsRequest:
    case ParameterType.addIncomingStreamsRequest:
      return describeAddStreamsRequest(view, at, end);
    case ParameterType.zeroChecksumAcceptable:
      return describeZeroChecksumParameter(view, at, end);
    case ParameterType.chunkList:
    case ParameterType.supportedExtensions:
      return describeChunkTypesParameter(view, at, end);
    case ParameterType.requestedHmacAlgorithm:
      return describeHmacAlgorithmParameter(view, at, end);
    case ParameterType.addIpAddress:
    case ParameterType.deleteIpAddress:
    case ParameterType.setPrimaryAddress:
      return describeAsconfRequest(view, at, end);
    case ParameterType.errorCauseIndication:
    case ParameterType.successIndication:
      return describeAsconfResponse(view, at, end);
    case ParameterType.adaptationLayerIndication:
      return describeAdaptationLayerParameter(view, at, end);
    default:
      return describeOpaqueParameter(view, at, end);
  }
}

/** One line: the parameter's name with what it says, such as `10.2.0.2` or `stateCookie(232)`. */
export function summarizeParameter(view: DataView, at: number, end: number): string {
  switch (end - at < 2 ? -1 : parameterType(view, at)) {
    case ParameterType.ipv4Address:
    case ParameterType.ipv6Address:
      return summarizeAddressParameter(view, at, end);
    case ParameterType.cookiePreservative:
      return summarizeCookiePreservativeParameter(view, at, end);
    case ParameterType.supportedAddressTypes:
      return summarizeSupportedAddressTypesParameter(view, at, end);
    case ParameterType.outgoingSsnResetRequest:
    case ParameterType.incomingSsnResetRequest:
    case ParameterType.ssnTsnResetRequest:
      return summarizeSsnResetRequest(view, at, end);
    case ParameterType.reconfigurationResponse:
      return summarizeReconfigurationResponse(view, at, end);
    case ParameterType.addOutgoingStreamsRequest:
    case ParameterType.addIncomingStreamsRequest:
      return summarizeAddStreamsRequest(view, at, end);
    case ParameterType.zeroChecksumAcceptable:
      return summarizeZeroChecksumParameter(view, at, end);
    case ParameterType.chunkList:
    case ParameterType.supportedExtensions:
      return summarizeChunkTypesParameter(view, at, end);
    case ParameterType.requestedHmacAlgorithm:
      return summarizeHmacAlgorithmParameter(view, at, end);
    case ParameterType.addIpAddress:
    case ParameterType.deleteIpAddress:
    case ParameterType.setPrimaryAddress:
      return summarizeAsconfRequest(view, at, end);
    case ParameterType.errorCauseIndication:
    case ParameterType.successIndication:
      return summarizeAsconfResponse(view, at, end);
    case ParameterType.adaptationLayerIndication:
      return summarizeAdaptationLayerParameter(view, at, end);
    default:
      return summarizeOpaqueParameter(view, at, end);
  }
}

/** The parameter that is quoted inside is shown as bytes, so that nesting comes to an end. */
function describeUnrecognizedParameter(view: DataView, at: number, end: number): TreeNode {
  const fields = parameterFields(view, at, end);
  const stop = tlvEnd(view, at, end);
  const quoted = parameterValueStart(at);
  if (quoted < stop) fields.push(describeOpaqueParameter(view, quoted, stop));
  return parameterNode(view, at, end, fields, checkParameter(view, at, end));
}
