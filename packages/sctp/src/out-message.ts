import { type Instant, NEVER, type Ssn, ssn } from "@multihome/base";

/** A message accepted from the application. Its bytes are borrowed until its outcome is told. */
export class OutMessage {
  readonly id: number;
  readonly data: Uint8Array;
  readonly streamId: number;
  readonly ppid: number;
  readonly unordered: boolean;
  /** Abandoned if it was not begun by then; NEVER without a lifetime. RFC 9260 s11.1.5 */
  readonly expiresAt: Instant;
  /** Given when its first fragment is. */
  ssn: Ssn;
  /** Bytes that were given a TSN. */
  fragmented: number;
  /** Bytes not acknowledged cumulatively. */
  unacknowledged: number;

  constructor(
    id: number,
    data: Uint8Array,
    streamId: number,
    ppid: number,
    unordered: boolean,
    expiresAt: Instant,
  ) {
    this.id = id;
    this.data = data;
    this.streamId = streamId;
    this.ppid = ppid;
    this.unordered = unordered;
    this.expiresAt = expiresAt;
    this.ssn = ssn(0);
    this.fragmented = 0;
    this.unacknowledged = data.length;
  }

  get expires(): boolean {
    return this.expiresAt !== NEVER;
  }
}
