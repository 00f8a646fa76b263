import {
  elapsed,
  type Instant,
  IpAddress,
  millis,
  type RandomSource,
  sameIp,
} from "@multihome/base";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";

/** All that is needed to make an association of a COOKIE ECHO. RFC 9260 s5.1.3 */
export interface CookieContents {
  readonly createdAt: Instant;
  /** Microseconds; kept in milliseconds, rounded up, at most 4 hours and a half. */
  readonly lifespan: number;
  /** Our tag and Initial TSN, as in the INIT ACK. */
  readonly localTag: number;
  readonly localInitialTsn: number;
  /** The peer's, as in its INIT. */
  readonly peerTag: number;
  readonly peerInitialTsn: number;
  readonly peerARwnd: number;
  readonly localTieTag: number;
  readonly peerTieTag: number;
  readonly localPort: number;
  readonly peerPort: number;
  readonly outboundStreams: number;
  readonly inboundStreams: number;
  /** Where the INIT came from and to: the only pair that is confirmed. RFC 9260 s5.4 rule 2 */
  readonly local: IpAddress;
  readonly remote: IpAddress;
  /** The peer's UDP port, 0 without UDP. */
  readonly remoteUdpPort: number;
  /** Addresses that the peer listed; `remote` may be among them. */
  readonly peerAddresses: readonly IpAddress[];
}

// RFC 9260 s5.1.3, RFC 5062 s9.3: as small as can be, since whoever sends an INIT gets it. Our address is
// a place in our own list, times are milliseconds modulo 2^32, Tie-Tags are there after a restart only.
const FLAGS = 0;
const LOCAL_PLACE = 1;
/** 8 bits: how many addresses the peer listed; 24 bits: the life in milliseconds. */
const COUNT_AND_LIFESPAN = 2;
const LOCAL_PORT = 6;
const PEER_PORT = 8;
const OUTBOUND_STREAMS = 10;
const INBOUND_STREAMS = 12;
const REMOTE_UDP_PORT = 14;
const CREATED_AT = 16;
const LOCAL_TAG = 20;
const LOCAL_INITIAL_TSN = 24;
const PEER_TAG = 28;
const PEER_INITIAL_TSN = 32;
const PEER_A_RWND = 36;
const FIXED_LENGTH = 40;

const Flag = { remoteIsV6: 1, tieTags: 2, oddKey: 4 } as const;
const MAC_LENGTH = 16;
const MAX_ADDRESSES = 64;
/** No cookie of ours is longer: what is has cost no MAC. */
const MAX_LENGTH = FIXED_LENGTH + 16 + 8 + 17 * MAX_ADDRESSES + 3 + MAC_LENGTH;
const NO_PLACE = 255;
const MAX_LIFESPAN_MS = 0xff_ffff;
const HOUR = millis(3_600_000);

/** Why a cookie is refused. */
export type CookieFault = "forged";

/**
 * Writes and checks State Cookies, authenticated with HMAC-SHA-256 (RFC 2104) cut to 128 bits. The
 * key changes hourly (RFC 9260 s5.1.3); the one before stays valid, for cookies on their way. A bit in the
 * cookie tells which it is, so that a forged cookie costs one MAC.
 */
export class CookieJar {
  readonly #random: RandomSource;
  #mac: KeyedMac;
  #previousMac: KeyedMac;
  #keySince: Instant;
  #keyIsOdd: boolean;

  constructor(random: RandomSource, now: Instant) {
    this.#random = random;
    this.#mac = freshMac(random);
    this.#previousMac = this.#mac;
    this.#keySince = now;
    this.#keyIsOdd = false;
  }

  /**
   * The cookie for these contents.
   * @param locals our addresses; `c.local` is kept as its place among them
   */
  seal(now: Instant, c: CookieContents, locals: readonly IpAddress[]): Uint8Array {
    this.#renewKey(now);
    const tied = c.localTieTag !== 0 || c.peerTieTag !== 0;
    const addresses = c.peerAddresses.slice(0, MAX_ADDRESSES);
    let length = FIXED_LENGTH + bytesOf(c.remote) + (tied ? 8 : 0) + MAC_LENGTH;
    for (const a of addresses) length += 1 + bytesOf(a);
    // RFC 9260 s3.2: a peer may count padding in a chunk's length; without any there is none to count.
    length = (length + 3) & ~3;
    const out = new Uint8Array(length);
    const view = new DataView(out.buffer);
    const place = locals.findIndex((l) => sameIp(l, c.local));
    view.setUint8(
      FLAGS,
      (c.remote.family === 6 ? Flag.remoteIsV6 : 0) |
        (tied ? Flag.tieTags : 0) |
        (this.#keyIsOdd ? Flag.oddKey : 0),
    );
    view.setUint8(LOCAL_PLACE, place >= 0 && place < NO_PLACE ? place : NO_PLACE);
    const lifespan = Math.min(Math.ceil(c.lifespan / 1000), MAX_LIFESPAN_MS);
    view.setUint32(COUNT_AND_LIFESPAN, addresses.length * 0x100_0000 + lifespan);
    view.setUint16(LOCAL_PORT, c.localPort);
    view.setUint16(PEER_PORT, c.peerPort);
    view.setUint16(OUTBOUND_STREAMS, c.outboundStreams);
    view.setUint16(INBOUND_STREAMS, c.inboundStreams);
    view.setUint16(REMOTE_UDP_PORT, c.remoteUdpPort);
    view.setUint32(CREATED_AT, toMs(c.createdAt));
    view.setUint32(LOCAL_TAG, c.localTag);
    view.setUint32(LOCAL_INITIAL_TSN, c.localInitialTsn);
    view.setUint32(PEER_TAG, c.peerTag);
    view.setUint32(PEER_INITIAL_TSN, c.peerInitialTsn);
    view.setUint32(PEER_A_RWND, c.peerARwnd);
    let at = FIXED_LENGTH;
    at += c.remote.write(view, at);
    if (tied) {
      view.setUint32(at, c.localTieTag);
      view.setUint32(at + 4, c.peerTieTag);
      at += 8;
    }
    for (const a of addresses) {
      view.setUint8(at, a.family);
      at += 1 + a.write(view, at + 1);
    }
    const end = length - MAC_LENGTH;
    out.set(this.#mac.of(out.subarray(0, end)), end);
    return out;
  }

  /**
   * The contents, if this endpoint made the cookie; its age is for the caller to judge.
   * @param locals our addresses
   * @param fallback stands for our address if it is not among them
   */
  open(
    now: Instant,
    cookie: Uint8Array,
    locals: readonly IpAddress[],
    fallback: IpAddress,
  ): CookieContents | CookieFault {
    this.#renewKey(now);
    const end = cookie.length - MAC_LENGTH;
    if (end < FIXED_LENGTH || cookie.length > MAX_LENGTH) return "forged";
    const view = new DataView(cookie.buffer, cookie.byteOffset, cookie.byteLength);
    const flags = view.getUint8(FLAGS);
    const isOdd = (flags & Flag.oddKey) !== 0;
    const mac = isOdd === this.#keyIsOdd ? this.#mac : this.#previousMac;
    if (!sameBytes(mac.of(cookie.subarray(0, end)), cookie.subarray(end))) return "forged";
    let at = FIXED_LENGTH;
    const remoteIsV4 = (flags & Flag.remoteIsV6) === 0;
    const remote = remoteIsV4 ? IpAddress.readV4(view, at) : IpAddress.readV6(view, at);
    at += bytesOf(remote);
    const tied = (flags & Flag.tieTags) !== 0;
    const localTieTag = tied ? view.getUint32(at) : 0;
    const peerTieTag = tied ? view.getUint32(at + 4) : 0;
    if (tied) at += 8;
    const peerAddresses: IpAddress[] = [];
    for (let i = view.getUint8(COUNT_AND_LIFESPAN); i > 0; i--) {
      const four = view.getUint8(at) === 4;
      peerAddresses.push(four ? IpAddress.readV4(view, at + 1) : IpAddress.readV6(view, at + 1));
      at += four ? 5 : 17;
    }
    const age = (toMs(now) - view.getUint32(CREATED_AT)) | 0;
    return {
      createdAt: (1000 * (Math.ceil(now / 1000) - age)) as Instant,
      lifespan: 1000 * (view.getUint32(COUNT_AND_LIFESPAN) & 0xff_ffff),
      localTag: view.getUint32(LOCAL_TAG),
      localInitialTsn: view.getUint32(LOCAL_INITIAL_TSN),
      peerTag: view.getUint32(PEER_TAG),
      peerInitialTsn: view.getUint32(PEER_INITIAL_TSN),
      peerARwnd: view.getUint32(PEER_A_RWND),
      localTieTag,
      peerTieTag,
      localPort: view.getUint16(LOCAL_PORT),
      peerPort: view.getUint16(PEER_PORT),
      outboundStreams: view.getUint16(OUTBOUND_STREAMS),
      inboundStreams: view.getUint16(INBOUND_STREAMS),
      remoteUdpPort: view.getUint16(REMOTE_UDP_PORT),
      local: locals[view.getUint8(LOCAL_PLACE)] ?? fallback,
      remote,
      peerAddresses,
    };
  }

  #renewKey(now: Instant): void {
    const age = elapsed(this.#keySince, now);
    if (age <= HOUR) return;
    const fresh = freshMac(this.#random);
    // A key that nothing was sealed with for so long protects no cookie that could still be good.
    this.#previousMac = age > 2 * HOUR ? fresh : this.#mac;
    this.#mac = fresh;
    this.#keySince = now;
    this.#keyIsOdd = !this.#keyIsOdd;
  }
}

const bytesOf = (a: IpAddress): number => (a.family === 4 ? 4 : 16);

/** Rounded up, so that no cookie ends before its time. */
const toMs = (t: Instant): number => Math.ceil(t / 1000) >>> 0;

/** HMAC-SHA-256 with a key that was taken in once: half the work of each MAC of a cookie. */
class KeyedMac {
  readonly #keyed: ReturnType<typeof hmac.create>;
  readonly #work: ReturnType<typeof hmac.create>;
  readonly #out: Uint8Array;

  constructor(key: Uint8Array) {
    this.#keyed = hmac.create(sha256, key);
    this.#work = hmac.create(sha256, key);
    this.#out = new Uint8Array(32);
  }

  /** The MAC; valid until the next call. */
  of(body: Uint8Array): Uint8Array {
    this.#keyed._cloneInto(this.#work);
    this.#work.update(body).digestInto(this.#out);
    return this.#out.subarray(0, MAC_LENGTH);
  }
}

function freshMac(random: RandomSource): KeyedMac {
  const key = new Uint8Array(32);
  random.fill(key);
  return new KeyedMac(key);
}

/** Compares without telling by its time where the difference is. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}
