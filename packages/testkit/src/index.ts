export {
  type BulkFlow,
  type BulkOptions,
  BulkProgress,
  BulkTransfer,
} from "./bulk-transfer.js";
export { disturbances, steady } from "./disturbances.js";
export { FAILOVER_FAULTS, type FailoverFault, isHarmless } from "./failover-fault.js";
export type { FailoverRun, Switch } from "./failover-run.js";
export { FUZZ_STATES, type FuzzCase, type FuzzState } from "./fuzz/fuzz-case.js";
export { type FuzzCaseResult, runFuzzCase } from "./fuzz/run-fuzz-case.js";
export {
  type FuzzFailure,
  SctpFuzzer,
  type SctpFuzzerOptions,
  shrinkFuzzCase,
} from "./fuzz/sctp-fuzzer.js";
export { type MatcherResult, matchers } from "./matchers.js";
export { contentOf, isContentOf } from "./message-content.js";
export type { Json, Op, OpKind, Schedule, Topology } from "./op.js";
export type { Oracle, OracleWatch, Violation } from "./oracle.js";
export { cleanWire } from "./oracles/clean-wire.js";
export { comingToRest } from "./oracles/coming-to-rest.js";
export { exactlyOnce } from "./oracles/exactly-once.js";
export { keepingItsWord } from "./oracles/keeping-its-word.js";
export { soundBooks } from "./oracles/sound-books.js";
export { standardOracles } from "./oracles/standard-oracles.js";
export { stayingAlive } from "./oracles/staying-alive.js";
export { streamOrder } from "./oracles/stream-order.js";
export { verifiedPaths } from "./oracles/verified-paths.js";
export { Pair, type PairBounds, type PairOptions, PORT, type UserOp } from "./pair.js";
export { parseSchedule } from "./parse-schedule.js";
export { recording } from "./recording.js";
export {
  type Distribution,
  FAILOVER_TRAFFIC,
  type FailoverOptions,
  type FailoverResult,
  type FailoverTraffic,
  runFailover,
  sumUpFailover,
} from "./run-failover.js";
export { runSchedule, type ScheduleOptions, type ScheduleResult } from "./run-schedule.js";
export {
  replay,
  runSchedules,
  type ScheduleFailure,
  type SchedulesOptions,
  type SchedulesResult,
} from "./run-schedules.js";
export {
  opArbitrary,
  type ScheduleConstraints,
  STANDARD_KINDS,
  scheduleArbitrary,
  seedArbitrary,
  topologyArbitrary,
} from "./schedule-arbitrary.js";
export { shrinkSchedule } from "./shrink-schedule.js";
export { interfacesOf, type SimHostListener, SimHostNode } from "./sim-host-node.js";
export {
  type Delivery,
  type ReadingMode,
  type SendSpec,
  type SentMessage,
  TestPeer,
} from "./test-peer.js";
