export {
  burstLimitedCwnd,
  type CongestionControl,
  type CongestionPhase,
  type CongestionSnapshot,
} from "./congestion-control.js";
export { Cubic, type CubicConfig } from "./cubic.js";
export { HyStart, type HyStartPhase } from "./hystart.js";
export type { CongestionConfig } from "./loss-based-control.js";
export { Rack, type RackConfig } from "./rack.js";
export { type RtoConfig, RttEstimator } from "./rtt-estimator.js";
export { SctpNewReno } from "./sctp-new-reno.js";
export { type ProbeOutcome, TailLossProbe, type TailLossProbeConfig } from "./tail-loss-probe.js";
export { WindowedMin } from "./windowed-min.js";
