import { type Instant, NEVER, type Ssn, ssn, type Tsn, tsn } from "@multihome/base";
import type { OutMessage } from "./out-message.js";
import type { SctpPath } from "./sctp-path.js";

/** Where a chunk that has a TSN stands. */
export const ChunkState = {
  /** Sent, neither acknowledged nor lost. */
  inFlight: 0,
  /** Reported in a Gap Ack Block. */
  gapAcked: 1,
  /** To be sent again. */
  marked: 2,
} as const;

/** Why a chunk was last taken for lost. */
export const LossKind = {
  /** It was not: it goes over another path, too, since its own is in doubt or gone. */
  none: 0,
  /** Later ones were acknowledged. RFC 9260 s7.2.4, RFC 8985 */
  fast: 1,
  /** T3-rtx ran out. */
  timeout: 2,
} as const;

/** One fragment that was given a TSN. Reused from a pool once it is acknowledged. */
export class OutChunk {
  tsn: Tsn;
  ssn: Ssn;
  message: OutMessage | undefined;
  /** Its user bytes are `message.data[offset .. offset + length]`. */
  offset: number;
  length: number;
  /** DATA chunk with header and padding: what counts in flightSize. RFC 9260 s7.2 */
  size: number;
  flags: number;
  state: number;
  /** Path it was last sent on. */
  path: SctpPath | undefined;
  sentAt: Instant;
  firstSentAt: Instant;
  sentCount: number;
  /** True once it went over more than one path: its acknowledgement proves none. RFC 7829 s3.2 rule 9 */
  severalPaths: boolean;
  /** Miss indications. RFC 9260 s7.2.4 */
  missing: number;
  /** The SACK at hand took it back, which is its miss indication. RFC 9260 s6.2.1 rule D iii */
  takenBack: boolean;
  /** It was fast retransmitted and is not eligible again. RFC 9260 s7.2.4 rule 5 */
  fastRetransmitted: boolean;
  lossKind: number;
  /** Where it was taken for lost, and in which loss episode of that path. */
  lostOn: SctpPath | undefined;
  episode: number;
  /** Its neighbours in the {@link Flight} of its path. */
  flightBefore: OutChunk | undefined;
  flightAfter: OutChunk | undefined;

  constructor() {
    this.tsn = tsn(0);
    this.ssn = ssn(0);
    this.message = undefined;
    this.offset = 0;
    this.length = 0;
    this.size = 0;
    this.flags = 0;
    this.state = ChunkState.inFlight;
    this.path = undefined;
    this.sentAt = NEVER;
    this.firstSentAt = NEVER;
    this.sentCount = 0;
    this.severalPaths = false;
    this.missing = 0;
    this.takenBack = false;
    this.fastRetransmitted = false;
    this.lossKind = LossKind.none;
    this.lostOn = undefined;
    this.episode = 0;
    this.flightBefore = undefined;
    this.flightAfter = undefined;
  }
}
