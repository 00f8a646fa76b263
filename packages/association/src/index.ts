export type {
  AssociationId,
  EndCause,
  IcmpNotice,
  MessageOutcome,
  ReceivedMessage,
  SctpOptions,
  SctpSendOptions,
  SctpStatus,
  SendResult,
} from "@multihome/sctp";
export type { AssociationEvent } from "./association-event.js";
export { checkTraceLine, type TraceLineCheck } from "./check-trace-line.js";
export {
  type ConnectOptions,
  HostCore,
  type HostCoreConfig,
  type HostInput,
  type ListenOptions,
} from "./host-core.js";
export type { ProtocolEndpoint } from "./protocol-endpoint.js";
export type { TraceDetail } from "./trace-lines.js";
export type { TraceOptions } from "./trace-recorder.js";
export {
  type TraceDifference,
  TraceReplay,
  type TraceReplayCounts,
  type TraceReplayOptions,
} from "./trace-replay.js";
export { type JsonSchema, TRACE_KINDS, TRACE_SCHEMA } from "./trace-schema.js";
export { TracedHostCore } from "./traced-host-core.js";
