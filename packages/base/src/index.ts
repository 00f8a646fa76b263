export { fromBase64, toBase64 } from "./base64.js";
export { type Counters, makeCounters } from "./counters.js";
export { DeadlineHeap, type HeapEntry } from "./deadline-heap.js";
export {
  EPOCH,
  earlier,
  elapsed,
  type Instant,
  instantAdd,
  type Micros,
  micros,
  millis,
  NEVER,
  toMillis,
} from "./instant.js";
export { compareIp, IpAddress, type IpScope, ipScope, sameIp } from "./ip-address.js";
export { PacketRef } from "./packet-ref.js";
export type { ProtocolCore } from "./protocol-core.js";
export { type RandomSource, randomBelow, randomFraction, SeededRandom } from "./random.js";
export { Ring } from "./ring.js";
export {
  type SeqNum,
  type Ssn,
  seqAdd,
  seqDiff,
  seqGt,
  seqLt,
  seqNum,
  ssn,
  ssnAdd,
  ssnGt,
  ssnLt,
  type Tsn,
  tsn,
  tsnAdd,
  tsnDiff,
  tsnGeq,
  tsnGt,
  tsnLeq,
  tsnLt,
} from "./serial.js";
export { Slab } from "./slab.js";
export { checkNumber, StackError } from "./stack-error.js";
export { TimerTable } from "./timer-table.js";
export {
  jsonLines,
  type TraceEvent,
  type TraceNote,
  type TraceNoteSink,
  type TraceSink,
  type TraceValue,
} from "./trace.js";
