/** DATA chunks and their user bytes. */
export interface Amount {
  chunks: number;
  bytes: number;
}

/** A time of doubt about a path: from the first overdue answer to what came of it. All times in microseconds. */
export interface Suspicion {
  readonly at: number;
  /** For how long an answer had been awaited; `undefined` if nothing was. */
  readonly awaitedFor: number | undefined;
  /** For how long nothing had come over the path; `undefined` if nothing ever had. */
  readonly silentFor: number | undefined;
  readonly srtt: number;
  readonly rttvar: number;
  /** When it was probed. */
  readonly probes: number[];
}

/** What a trace tells of one path. */
export class PathStory {
  readonly id: number;
  local: string;
  remote: string;
  state: string;
  cwnd: number;
  srtt: number;
  packetsIn: number;
  packetsOut: number;
  bytesIn: number;
  bytesOut: number;
  /** How long data went over it, and since when it does. */
  usedFor: number;
  usedSince: number | undefined;
  /** When HEARTBEATs left since the last answer to one. */
  asked: number[];
  /** HEARTBEAT ACKs since it failed. */
  answers: number;
  lastInAt: number | undefined;
  failedAt: number | undefined;
  /** T3-rtx ran out so many times since data on it was last acknowledged. */
  timeouts: number;
  rto: number;
  suspicion: Suspicion | undefined;
  /** Sent again, from this path, since it came into trouble. */
  again: Amount;

  constructor(id: number) {
    this.id = id;
    this.local = "";
    this.remote = "";
    this.state = "unconfirmed";
    this.cwnd = 0;
    this.srtt = 0;
    this.packetsIn = 0;
    this.packetsOut = 0;
    this.bytesIn = 0;
    this.bytesOut = 0;
    this.usedFor = 0;
    this.usedSince = undefined;
    this.asked = [];
    this.answers = 0;
    this.lastInAt = undefined;
    this.failedAt = undefined;
    this.timeouts = 0;
    this.rto = 0;
    this.suspicion = undefined;
    this.again = { chunks: 0, bytes: 0 };
  }

  /** Data goes over it from now on, or not. */
  use(at: number, current: boolean): void {
    if (current) this.usedSince ??= at;
    else if (this.usedSince !== undefined) {
      this.usedFor += at - this.usedSince;
      this.usedSince = undefined;
    }
  }
}
