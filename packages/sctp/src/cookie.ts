import { elapsed, type Instant, IpAddress, millis, type RandomSource } from "@multihome/base";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";

/** All that is needed to make an association of a COOKIE ECHO. RFC 9260 s5.1.3 */
export interface CookieContents {
  readonly createdAt: Instant;
  /** Microseconds. */
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

const MAC_LENGTH = 16;
const FIXED_LENGTH = 8 + 4 * 8 + 2 * 5 + 1 + 1;
const HOUR = millis(3_600_000);

/** Why a cookie is refused. */
export type CookieFault = "forged";

/**
 * Writes and checks State Cookies, authenticated with HMAC-SHA-256 (RFC 2104) cut to 128 bits. The
 * key changes hourly (RFC 9260 s5.1.3); the one before stays valid, for cookies on their way.
 */
export class CookieJar {
  readonly #random: RandomSource;
  #key: Uint8Array;
  #previousKey: Uint8Array;
  #keySince: Instant;

  constructor(random: RandomSource, now: Instant) {
    this.#random = random;
    this.#key = freshKey(random);
    this.#previousKey = this.#key;
    this.#keySince = now;
  }

  /** The cookie for these contents. */
  seal(now: Instant, c: CookieContents): Uint8Array {
    if (elapsed(this.#keySince, now) > HOUR) {
      this.#previousKey = this.#key;
      this.#key = freshKey(this.#random);
      this.#keySince = now;
    }
    const addresses = c.peerAddresses;
    let length = FIXED_LENGTH + addressLength(c.local) + addressLength(c.remote) + MAC_LENGTH;
    for (const a of addresses) length += addressLength(a);
    // RFC 9260 s3.2: a peer may count padding in a chunk's length; without any there is none to count.
    length = (length + 3) & ~3;
    const out = new Uint8Array(length);
    const view = new DataView(out.buffer);
    view.setUint32(0, Math.floor(c.createdAt / 0x1_0000_0000));
    view.setUint32(4, c.createdAt >>> 0);
    view.setUint32(8, c.lifespan);
    view.setUint32(12, c.localTag);
    view.setUint32(16, c.localInitialTsn);
    view.setUint32(20, c.peerTag);
    view.setUint32(24, c.peerInitialTsn);
    view.setUint32(28, c.peerARwnd);
    view.setUint32(32, c.localTieTag);
    view.setUint32(36, c.peerTieTag);
    view.setUint16(40, c.localPort);
    view.setUint16(42, c.peerPort);
    view.setUint16(44, c.outboundStreams);
    view.setUint16(46, c.inboundStreams);
    view.setUint16(48, c.remoteUdpPort);
    view.setUint8(50, addresses.length);
    let at = FIXED_LENGTH;
    for (const a of [c.local, c.remote, ...addresses]) {
      view.setUint8(at, a.family);
      at += 1 + a.write(view, at + 1);
    }
    const end = length - MAC_LENGTH;
    out.set(mac(this.#key, out.subarray(0, end)), end);
    return out;
  }

  /** The contents, if this endpoint made the cookie; its age is for the caller to judge. */
  open(cookie: Uint8Array): CookieContents | CookieFault {
    const end = cookie.length - MAC_LENGTH;
    if (end < FIXED_LENGTH) return "forged";
    const body = cookie.subarray(0, end);
    const given = cookie.subarray(end);
    if (
      !sameBytes(mac(this.#key, body), given) &&
      !sameBytes(mac(this.#previousKey, body), given)
    ) {
      return "forged";
    }
    const view = new DataView(cookie.buffer, cookie.byteOffset, cookie.byteLength);
    const addresses: IpAddress[] = [];
    let at = FIXED_LENGTH;
    const count = 2 + view.getUint8(50);
    for (let i = 0; i < count; i++) {
      const four = view.getUint8(at) === 4;
      addresses.push(four ? IpAddress.readV4(view, at + 1) : IpAddress.readV6(view, at + 1));
      at += four ? 5 : 17;
    }
    const [local, remote, ...peerAddresses] = addresses;
    if (local === undefined || remote === undefined) return "forged";
    return {
      createdAt: (view.getUint32(0) * 0x1_0000_0000 + view.getUint32(4)) as Instant,
      lifespan: view.getUint32(8),
      localTag: view.getUint32(12),
      localInitialTsn: view.getUint32(16),
      peerTag: view.getUint32(20),
      peerInitialTsn: view.getUint32(24),
      peerARwnd: view.getUint32(28),
      localTieTag: view.getUint32(32),
      peerTieTag: view.getUint32(36),
      localPort: view.getUint16(40),
      peerPort: view.getUint16(42),
      outboundStreams: view.getUint16(44),
      inboundStreams: view.getUint16(46),
      remoteUdpPort: view.getUint16(48),
      local,
      remote,
      peerAddresses,
    };
  }
}

const addressLength = (a: IpAddress): number => (a.family === 4 ? 5 : 17);

const mac = (key: Uint8Array, body: Uint8Array): Uint8Array =>
  hmac(sha256, key, body).subarray(0, MAC_LENGTH);

function freshKey(random: RandomSource): Uint8Array {
  const key = new Uint8Array(32);
  random.fill(key);
  return key;
}

/** Compares without telling by its time where the difference is. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}
