export { type Direction, DuplexLink, type DuplexOptions } from "./duplex-link.js";
export type { Fault, PathLink, RampParam, Side, TimedFault } from "./fault.js";
export {
  Link,
  type LinkCounterName,
  type LinkDropCause,
  type LinkMode,
  type PacketTap,
} from "./link.js";
export { type CaptureOptions, captureLinks } from "./link-capture.js";
export type { LinkEnd } from "./link-end.js";
export {
  type BurstLoss,
  type Corruption,
  DEFAULT_LINK,
  type Jitter,
  type LinkOptions,
  type LinkParams,
  type Reorder,
} from "./link-params.js";
export { Nat, type NatCounterName, type NatFilter, type NatOptions } from "./nat.js";
export type { DigestPayload, PacketEventKind } from "./net-trace.js";
export { parseFault } from "./parse-fault.js";
export { QueueMeter } from "./queue-meter.js";
export { Router, type RouterCounterName, type RouterOptions } from "./router.js";
export { RouterPort } from "./router-port.js";
export { ScheduledAction } from "./scheduled-action.js";
export { type HostCounterName, type HostOptions, SimHost } from "./sim-host.js";
export { type InterfaceOptions, SimInterface } from "./sim-interface.js";
export type {
  IcmpNotice,
  InterfaceChange,
  InterfaceKind,
  InterfaceView,
  SimNode,
} from "./sim-node.js";
export { type IcmpKind, SimPacket } from "./sim-packet.js";
export type { SimPath } from "./sim-path.js";
export {
  type RunBounds,
  type RunResult,
  Simulation,
  type SimulationOptions,
} from "./simulation.js";
export { ConstantTraffic, type TrafficOptions } from "./traffic.js";
export {
  type Family,
  type PathOptions,
  TwoHosts,
  type TwoHostsOptions,
  twoHosts,
} from "./two-hosts.js";
