export { type AddressPair, canReach, choosePairs } from "./address-pairs.js";
export {
  DEFAULT_BUDGET_MS,
  type FailoverOptions,
  type FailoverTiming,
  failoverTiming,
  RFC_TIMING,
  type Timing,
} from "./failover-budget.js";
export type { HostInterface, InterfaceKind } from "./host-interface.js";
export { divergence, Path, type PathAttachment, type PathView } from "./path.js";
export type { PathCause, PathEvent, PathName } from "./path-event.js";
export {
  alternativeTo,
  handover,
  type PathPolicy,
  type PolicyContext,
  policies,
  primaryFirst,
} from "./path-policy.js";
export type { PathState, PathStateKind } from "./path-state.js";
