import { type RandomSource, randomBelow } from "@multihome/base";
import {
  ChunkType,
  checkChunk,
  chunkLength,
  nextChunk,
  ParameterType,
  SCTP_HEADER_LENGTH,
  writeSctpChecksum,
  writeSctpHeader,
} from "@multihome/wire";
import type { Wiretap } from "./wiretap.js";

/** What the one who forges may use. */
export interface Forger {
  readonly random: RandomSource;
  /** What was read on the wire; `undefined` for one who sees nothing. */
  readonly tap: Wiretap | undefined;
  /** SCTP ports: of the peer that is played, of the target. */
  readonly sourcePort: number;
  readonly targetPort: number;
  /** Addresses to list in INITs, as 4 or 16 bytes. */
  readonly addresses: readonly Uint8Array[];
  /** Mostly avoids what ends an association at once, so that what comes later is reached, too. */
  readonly careful: boolean;
}

const ROOM = 8192;
const MAX_PACKET = 1500;
const CHUNK_TYPES = Object.values(ChunkType);
const PARAMETER_TYPES = Object.values(ParameterType);
const EXTREMES = [0, 1, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, 0xffff_fffe, 0xffff_ffff];
const SIZES = [0, 1, 2, 3, 4, 5, 8, 12, 20, 40, 100, 300, 1000, 1400];

/**
 * Writes packets that look right and are not: whole chunks of every kind with plausible numbers, or a
 * packet that was recorded; then bytes changed, lengths changed, chunks cut, doubled, put together. Most
 * have a right checksum and, for one who knows it, the right tag. One object is used for many packets.
 */
export class PacketForge {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Offset after the last byte of the packet; it begins at 0. */
  end: number;
  #f: Forger;
  #vtag: number;
  #careful: boolean;

  constructor(forger: Forger) {
    this.bytes = new Uint8Array(ROOM);
    this.view = new DataView(this.bytes.buffer);
    this.end = 0;
    this.#f = forger;
    this.#vtag = 0;
    this.#careful = false;
  }

  /** Writes the next packet into {@link PacketForge.bytes}. */
  forge(forger: Forger): void {
    this.#f = forger;
    const { tap } = forger;
    this.end = SCTP_HEADER_LENGTH;
    this.#vtag = this.#tag();
    const recorded = tap?.recorded;
    this.#careful = forger.careful && !this.#oneIn(15);
    if (recorded !== undefined && recorded.length > 0 && this.#oneIn(5)) {
      this.#copyRecorded(recorded);
      if (this.#oneIn(3)) this.#chunks();
      if (!this.#careful) this.#mutate(3);
    } else if (this.#oneIn(12)) this.#random(this.#below(300));
    else {
      this.#chunks();
      if (!this.#careful && this.#oneIn(3)) this.#mutate(3);
    }
    this.#finish();
  }

  // ---- common header

  #tag(): number {
    const { tap } = this.#f;
    const dice = this.#below(20);
    if (tap === undefined) return dice < 3 ? 0 : this.#strangeTag();
    if (dice === 0) return 0;
    if (dice === 1) return tap.peerTag;
    if (dice === 2) return this.#u32();
    if (dice === 3) return this.#pick(tap.tags);
    return tap.tags[0] ?? 0;
  }

  #strangeTag(): number {
    return this.#u32() || 1;
  }

  #finish(): void {
    const { sourcePort, targetPort } = this.#f;
    const from = this.#oneIn(50) ? this.#below(65_536) : sourcePort;
    const to = this.#oneIn(50) ? this.#below(65_536) : targetPort;
    const isInit = this.end > SCTP_HEADER_LENGTH && this.bytes[SCTP_HEADER_LENGTH] === 1;
    const vtag = isInit && !this.#oneIn(10) ? 0 : this.#vtag;
    writeSctpHeader(this.view, 0, from, to, vtag);
    writeSctpChecksum(this.bytes, this.view, 0, this.end);
    if (this.#oneIn(25)) this.view.setUint32(8, this.#u32());
    if (this.#oneIn(200)) this.end = this.#below(this.end + 1);
  }

  // ---- chunks

  #chunks(): void {
    const n = this.#oneIn(3) ? 1 + this.#below(6) : 1;
    for (let i = 0; i < n; i++) {
      const before = this.end;
      this.#chunk();
      if (this.end > MAX_PACKET) {
        if (i > 0) this.end = before;
        else this.end = MAX_PACKET;
        return;
      }
    }
    if (this.#oneIn(40)) this.#flood();
  }

  /** The same small chunk until the packet is full. */
  #flood(): void {
    const type = this.#type();
    const size = this.#below(3) * 4;
    while (this.end + 4 + size <= MAX_PACKET) {
      const at = this.#open(type, this.#below(256));
      this.#zeros(size);
      this.#close(at);
    }
  }

  #type(): number {
    return this.#oneIn(5) ? this.#below(256) : this.#pick(CHUNK_TYPES);
  }

  #chunk(): void {
    const dice = this.#below(22);
    if (dice < 5) this.#data();
    else if (dice < 9) this.#sack();
    else if (dice < 11) this.#init(this.#oneIn(3) ? ChunkType.initAck : ChunkType.init);
    else if (dice === 11) this.#cookieEcho();
    else if (dice === 12) this.#heartbeatAck();
    else if (dice === 13) this.#heartbeat();
    else if (dice === 14) this.#causes(ChunkType.error);
    else if (dice === 15 && !this.#careful && this.#oneIn(4)) this.#causes(ChunkType.abort);
    else if (dice === 16 && (!this.#careful || this.#oneIn(8))) this.#shutdown();
    else if (dice === 17) this.#bare();
    else if (dice === 18) this.#extension();
    else this.#any();
  }

  #data(): void {
    const { tap } = this.#f;
    if (this.#careful && tap !== undefined && !this.#oneIn(3)) {
      this.#nextData(tap);
      return;
    }
    const flags = this.#careful ? 7 : this.#oneIn(3) ? this.#below(256) : 3;
    const at = this.#open(ChunkType.data, flags);
    this.#put32(this.#near(tap?.peerNextTsn ?? this.#u32()));
    this.#put16(this.#oneIn(8) ? this.#below(65_536) : this.#below(6));
    this.#put16(this.#oneIn(4) ? this.#below(65_536) : this.#below(4));
    this.#put32(this.#u32());
    const size = this.#oneIn(3) ? this.#pick(SIZES) : 1 + this.#below(60);
    this.#random(this.#careful ? Math.max(1, size) : size);
    this.#close(at);
  }

  /** What the peer would send next: a whole message, or a fragment of a long one; all unordered. */
  #nextData(tap: Wiretap): void {
    const begins = !tap.inMessage;
    tap.inMessage = begins ? this.#oneIn(5) : !this.#oneIn(12);
    const flags = 4 | (begins ? 2 : 0) | (tap.inMessage ? 0 : 1) | (this.#oneIn(6) ? 8 : 0);
    const at = this.#open(ChunkType.data, flags);
    if (this.#oneIn(12)) tap.peerNextTsn = (tap.peerNextTsn + 1) >>> 0; // a gap
    this.#put32(tap.peerNextTsn);
    tap.peerNextTsn = (tap.peerNextTsn + 1) >>> 0;
    this.#put16(2);
    this.#put16(0);
    this.#put32(0);
    this.#random(this.#oneIn(2) ? 1300 : 1 + this.#below(40));
    this.#close(at);
  }

  #sack(): void {
    const { tap } = this.#f;
    const at = this.#open(ChunkType.sack, 0);
    if (this.#careful && tap !== undefined) {
      this.#plausibleSack(tap);
      this.#close(at);
      return;
    }
    const base = this.#oneIn(2) ? tap?.ackedTsn : tap?.sentTsn;
    this.#put32(this.#near(base ?? this.#u32()));
    this.#put32(this.#pick([0, 1, 100, 1500, 100_000, 0xffff_ffff]));
    const gaps = this.#oneIn(2) ? 0 : this.#below(5);
    const dups = this.#oneIn(2) ? 0 : this.#below(5);
    this.#put16(this.#oneIn(20) ? this.#below(65_536) : gaps);
    this.#put16(this.#oneIn(20) ? this.#below(65_536) : dups);
    let edge = 1;
    for (let i = 0; i < gaps; i++) {
      edge += 1 + this.#below(3);
      const start = this.#oneIn(8) ? this.#below(65_536) : edge;
      edge += this.#below(3);
      this.#put16(start);
      this.#put16(this.#oneIn(8) ? this.#below(65_536) : edge);
    }
    for (let i = 0; i < dups; i++) this.#put32(this.#near(tap?.sentTsn ?? this.#u32()));
    this.#close(at);
  }

  /** Acknowledges only what was sent: some of it, with gaps. */
  #plausibleSack(tap: Wiretap): void {
    const outstanding = Math.min((tap.sentTsn - tap.ackedTsn) >>> 0, 1000);
    const cum = this.#below(outstanding + 1);
    this.#put32((tap.ackedTsn + cum) >>> 0);
    this.#put32(this.#pick([0, 1, 100, 1500, 100_000, 0xffff_ffff]));
    const at = this.end;
    this.#put32(0);
    let gaps = 0;
    for (let edge = 2; cum + edge <= outstanding && gaps < 10; edge += 1 + this.#below(3)) {
      this.#put16(edge);
      const more = this.#below(Math.min(4, outstanding - cum - edge + 1));
      edge += more;
      this.#put16(edge);
      edge++;
      gaps++;
    }
    const dups = this.#oneIn(3) ? this.#below(4) : 0;
    for (let i = 0; i < dups; i++) this.#put32((tap.ackedTsn + this.#below(4)) >>> 0);
    this.view.setUint16(at, gaps);
    this.view.setUint16(at + 2, dups);
  }

  #init(type: number): void {
    const { tap } = this.#f;
    const at = this.#open(type, 0);
    const tag = this.#oneIn(3) ? (tap?.peerTag ?? 0) : this.#u32();
    this.#put32(this.#oneIn(20) ? 0 : tag);
    this.#put32(this.#pick([0, 1499, 1500, 8192, 100_000, 0xffff_ffff]));
    this.#put16(this.#oneIn(12) ? 0 : 1 + this.#below(20));
    this.#put16(this.#oneIn(12) ? 0 : 1 + this.#below(20));
    this.#put32(this.#oneIn(3) ? this.#near(tap?.peerNextTsn ?? 0) : this.#u32());
    const n = this.#below(6);
    if (type === ChunkType.initAck && !this.#oneIn(5)) this.#parameter(ParameterType.stateCookie);
    for (let i = 0; i < n && this.end < MAX_PACKET - 200; i++) this.#anyParameter();
    this.#close(at);
  }

  #anyParameter(): void {
    const { addresses } = this.#f;
    if (this.#oneIn(2) && addresses.length > 0) {
      const address = this.#pick(addresses);
      const four = address.length === 4;
      const at = this.end;
      this.#put16(four ? ParameterType.ipv4Address : ParameterType.ipv6Address);
      this.#put16(0);
      this.bytes.set(address, this.end);
      this.end += address.length;
      this.#close(at);
    } else this.#parameter(this.#oneIn(4) ? this.#below(65_536) : this.#pick(PARAMETER_TYPES));
  }

  #parameter(type: number): void {
    const at = this.end;
    this.#put16(type);
    this.#put16(0);
    this.#random(this.#oneIn(2) ? 4 : this.#below(40));
    this.#close(at);
  }

  #cookieEcho(): void {
    const cookies = this.#f.tap?.cookies ?? [];
    const at = this.#open(ChunkType.cookieEcho, 0);
    if (cookies.length > 0 && !this.#oneIn(4)) {
      const cookie = this.#pick(cookies);
      this.bytes.set(cookie.bytes, this.end);
      this.end += cookie.bytes.length;
      if (!this.#oneIn(5)) this.#vtag = cookie.vtag;
      if (this.#oneIn(6)) this.bytes[at + 4 + this.#below(cookie.bytes.length)] = this.#below(256);
    } else this.#random(this.#oneIn(2) ? 60 : this.#pick(SIZES));
    this.#close(at);
  }

  #heartbeat(): void {
    const at = this.#open(ChunkType.heartbeat, 0);
    if (this.#oneIn(4)) this.#random(this.#pick(SIZES));
    else this.#parameter(ParameterType.heartbeatInfo);
    this.#close(at);
  }

  #heartbeatAck(): void {
    const seen = this.#f.tap?.heartbeats ?? [];
    if (seen.length === 0 || this.#oneIn(4)) {
      const at = this.#open(ChunkType.heartbeatAck, 0);
      this.#parameter(ParameterType.heartbeatInfo);
      this.#close(at);
      return;
    }
    const at = this.end;
    const chunk = this.#pick(seen);
    this.bytes.set(chunk, at);
    this.bytes[at] = ChunkType.heartbeatAck;
    this.end += chunk.length;
    if (this.#oneIn(3)) this.bytes[at + this.#below(chunk.length)] = this.#below(256);
  }

  #causes(type: number): void {
    const at = this.#open(type, this.#oneIn(2) ? this.#below(2) : 0);
    const n = this.#oneIn(20) ? 80 : this.#below(4);
    for (let i = 0; i < n; i++) {
      const cause = this.end;
      this.#put16(this.#oneIn(8) ? this.#below(65_536) : this.#below(15));
      this.#put16(0);
      this.#random(this.#oneIn(2) ? 4 : this.#below(12));
      this.#close(cause);
    }
    this.#close(at);
  }

  #shutdown(): void {
    const { tap } = this.#f;
    const at = this.#open(ChunkType.shutdown, 0);
    const base = this.#oneIn(2) ? tap?.sentTsn : tap?.ackedTsn;
    this.#put32(this.#careful ? (base ?? 0) : this.#near(base ?? 0));
    this.#close(at);
  }

  #bare(): void {
    const type = this.#pick([
      ChunkType.shutdownAck,
      ChunkType.shutdownComplete,
      ChunkType.cookieAck,
      ChunkType.ecne,
      ChunkType.cwr,
    ]);
    const at = this.#open(type, this.#oneIn(2) ? this.#below(2) : 0);
    if (this.#oneIn(4)) this.#random(this.#pick([4, 8, 12]));
    this.#close(at);
  }

  /** Chunks of extensions, with numbers where those have them. */
  #extension(): void {
    const { tap } = this.#f;
    const type = this.#pick([
      ChunkType.auth,
      ChunkType.nrSack,
      ChunkType.iData,
      ChunkType.asconfAck,
      ChunkType.reConfig,
      ChunkType.pad,
      ChunkType.forwardTsn,
      ChunkType.asconf,
      ChunkType.iForwardTsn,
    ]);
    const at = this.#open(type, this.#below(16));
    this.#put32(this.#near(tap?.peerNextTsn ?? 0));
    if (this.#oneIn(2)) this.#anyParameter();
    else this.#random(this.#below(40));
    this.#close(at);
  }

  #any(): void {
    const at = this.#open(this.#type(), this.#below(256));
    this.#random(this.#pick(SIZES));
    this.#close(at);
  }

  // ---- changes

  #copyRecorded(recorded: readonly Uint8Array[]): void {
    const packet = this.#pick(recorded);
    const body = packet.subarray(SCTP_HEADER_LENGTH, MAX_PACKET);
    this.bytes.set(body, this.end);
    this.end += body.length;
  }

  #mutate(most: number): void {
    const first = SCTP_HEADER_LENGTH;
    for (let n = 1 + this.#below(most); n > 0; n--) {
      const length = this.end - first;
      if (length < 4) return;
      const at = first + this.#below(length);
      switch (this.#below(7)) {
        case 0:
          this.bytes[at] = this.#below(256);
          break;
        case 1:
          this.bytes[at] = (this.bytes[at] ?? 0) ^ (1 << this.#below(8));
          break;
        case 2:
          this.end = at;
          break;
        case 3: // the length field of a chunk
          this.view.setUint16(
            this.#someChunk() + 2,
            this.#oneIn(2) ? this.#below(24) : this.#u16(),
          );
          break;
        case 4: // a number
          this.view.setUint32(Math.min(at & ~3, this.end - 4), this.#near(this.#u32()));
          break;
        case 5: // a chunk twice
          this.#repeat(this.#someChunk());
          break;
        default: // a part of it again elsewhere
          this.bytes.copyWithin(at, first, first + this.#below(Math.max(1, this.end - at)));
      }
    }
  }

  #someChunk(): number {
    let at = SCTP_HEADER_LENGTH;
    for (let n = this.#below(4); n > 0; n--) {
      if (checkChunk(this.view, at, this.end) !== "ok") break;
      const next = nextChunk(this.view, at);
      if (next + 4 > this.end) break;
      at = next;
    }
    return at;
  }

  #repeat(at: number): void {
    if (checkChunk(this.view, at, this.end) !== "ok") return;
    const length = (chunkLength(this.view, at) + 3) & ~3;
    const from = this.end;
    if (from + length > MAX_PACKET) return;
    this.bytes.copyWithin(from, at, at + length);
    this.end = from + length;
  }

  // ---- bytes

  #open(type: number, flags: number): number {
    const at = this.end;
    this.bytes[at] = type;
    this.bytes[at + 1] = flags;
    this.end = at + 4;
    return at;
  }

  /** Writes the length of the chunk, parameter or cause at `at`, and pads it. */
  #close(at: number): void {
    this.view.setUint16(at + 2, this.end - at);
    const padding = -this.end & 3;
    const skip = padding > 0 && this.#oneIn(20);
    if (skip) return;
    for (let i = 0; i < padding; i++) this.bytes[this.end++] = this.#oneIn(9) ? 255 : 0;
  }

  #put16(n: number): void {
    this.view.setUint16(this.end, n);
    this.end += 2;
  }

  #put32(n: number): void {
    this.view.setUint32(this.end, n);
    this.end += 4;
  }

  #zeros(n: number): void {
    this.bytes.fill(0, this.end, this.end + n);
    this.end += n;
  }

  /** Bytes that are cheap to make: a few random ones, repeated. */
  #random(n: number): void {
    const word = this.#u32();
    const end = Math.min(this.end + n, ROOM - 8);
    for (let i = this.end; i < end; i++) this.bytes[i] = (word >>> ((i & 3) << 3)) + i;
    this.end = Math.max(this.end, end);
  }

  // ---- chance

  #u32(): number {
    return this.#f.random.nextU32();
  }

  #u16(): number {
    return this.#u32() >>> 16;
  }

  #below(n: number): number {
    return randomBelow(this.#f.random, n);
  }

  #oneIn(n: number): boolean {
    return this.#below(n) === 0;
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#below(list.length)] as T;
  }

  /** A number near one that means something, or at the edges of the circle. */
  #near(base: number): number {
    const dice = this.#below(10);
    if (dice < 6) return (base + this.#below(8) - 2) >>> 0;
    if (dice < 8) return (base + this.#below(400) - 100) >>> 0;
    if (dice === 8) return (base + this.#pick(EXTREMES)) >>> 0;
    return this.#u32();
  }
}
