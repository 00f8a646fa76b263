export {
  checkTraceLine,
  type SendResult,
  type TraceDetail,
  type TraceDifference,
  type TraceLineCheck,
  TraceReplay,
  type TraceReplayCounts,
  type TraceReplayOptions,
} from "@multihome/association";
export { StackError, type TraceEvent, type TraceSink } from "@multihome/base";
export {
  type DriverListener,
  type HostDriver,
  type ImpairedEnds,
  Impairment,
  type InterfaceRules,
  NodeDriver,
  type NodeDriverOptions,
  type PathEffect,
  type PortBinding,
  TraceFile,
} from "@multihome/driver-node";
export {
  type FailoverOptions,
  handover,
  type InterfaceKind,
  type PathCause,
  type PathPolicy,
  type PathStateKind,
  type PathView,
  type PolicyContext,
  type Timing,
} from "@multihome/paths";
export { Association, type AssociationNotice, type AssociationStatus } from "./association.js";
export { AssociationDuplex, type DuplexOptions } from "./association-duplex.js";
export { describeEnd, type EndCause } from "./end-cause.js";
export { Host } from "./host.js";
export type { InterfaceInfo } from "./interface-info.js";
export {
  type Message,
  type MessageOutcome,
  type Outcome,
  type SendOptions,
  SentMessage,
} from "./message.js";
export type {
  AssociationOptions,
  ConnectOptions,
  HostOptions,
  ListenOptions,
} from "./options.js";
export type { PathEvent, PathInfo, PathName } from "./path-info.js";
export { Server } from "./server.js";
