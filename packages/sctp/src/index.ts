export { BufferBudget } from "./buffer-budget.js";
export {
  CLOCK_GRANULARITY,
  type SctpConfig,
  type SctpEnvironment,
  type SctpOptions,
  sctpConfig,
} from "./config.js";
export type { SctpCounterName, SctpCounters } from "./counters.js";
export {
  type LocalAddress,
  type SctpConnectOptions,
  SctpEndpoint,
  type SctpInput,
  type SctpSendOptions,
  type SctpStatus,
  type SendResult,
} from "./endpoint.js";
export type {
  AssociationId,
  EndCause,
  MessageOutcome,
  ReceivedMessage,
  SctpEvent,
} from "./events.js";
export type { IcmpNotice } from "./icmp.js";
