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
export {
  type ConnectOptions,
  HostCore,
  type HostCoreConfig,
  type HostInput,
  type ListenOptions,
} from "./host-core.js";
export type { ProtocolEndpoint } from "./protocol-endpoint.js";
