import {
  ChunkType,
  chunkLength,
  chunkType,
  initInitialTsn,
  initInitiateTag,
  nextChunk,
  nextParameter,
  ParameterType,
  parameterLength,
  parameterType,
  SCTP_HEADER_LENGTH,
} from "@multihome/wire";

const RECORDED = 24;
const COOKIES = 4;
const INIT_FIXED = 20;

/** A State Cookie that was seen, with the tag that its COOKIE ECHO must carry. */
export interface SeenCookie {
  readonly bytes: Uint8Array;
  readonly vtag: number;
}

/**
 * What somebody learns who reads along between an endpoint under attack (z) and its peer: tags, TSNs,
 * cookies, HEARTBEATs, and the packets themselves. Works only on packets that our own stack wrote.
 */
export class Wiretap {
  /** Tags that z takes; the first one is its tag, others belong to cookies. */
  readonly tags: number[];
  /** The tag that z sends to. */
  peerTag: number;
  /** The first TSN of z, the highest it sent, and the highest that the peer acknowledged. */
  firstTsn: number;
  sentTsn: number;
  ackedTsn: number;
  /** The peer's next TSN. */
  peerNextTsn: number;
  /** The one who forges has begun a message in fragments. */
  inMessage: boolean;
  readonly cookies: SeenCookie[];
  /** The HEARTBEATs of z that were seen last. */
  readonly heartbeats: Uint8Array[];
  /** Packets of the peer to z. */
  readonly recorded: Uint8Array[];
  #settled: boolean;
  #turn: number;

  constructor() {
    this.tags = [1];
    this.peerTag = 2;
    this.firstTsn = 0;
    this.sentTsn = 0;
    this.ackedTsn = 0;
    this.peerNextTsn = 0;
    this.inMessage = false;
    this.cookies = [];
    this.heartbeats = [];
    this.recorded = [];
    this.#settled = false;
    this.#turn = 0;
  }

  /** The handshake is over: later INITs and INIT ACKs are somebody else's. */
  settle(): void {
    this.#settled = true;
  }

  /** A packet of z to its peer. */
  fromTarget(bytes: Uint8Array, view: DataView): void {
    for (let at = SCTP_HEADER_LENGTH; at < bytes.length; at = nextChunk(view, at)) {
      const type = chunkType(view, at);
      if (type === ChunkType.data) this.sentTsn = view.getUint32(at + 4);
      else if (type === ChunkType.heartbeat) {
        this.#keep(this.heartbeats, bytes.slice(at, at + chunkLength(view, at)), 4);
      } else if (type === ChunkType.init) this.#takeNumbers(view, at);
      else if (type === ChunkType.initAck) {
        const cookie = cookieOf(bytes, view, at);
        if (cookie !== undefined) this.#learnCookie(cookie, initInitiateTag(view, at));
        this.#takeNumbers(view, at);
      }
    }
  }

  /** A packet of the peer to z. */
  fromPeer(bytes: Uint8Array, view: DataView): void {
    this.#keep(this.recorded, bytes, RECORDED);
    for (let at = SCTP_HEADER_LENGTH; at < bytes.length; at = nextChunk(view, at)) {
      const type = chunkType(view, at);
      if (type === ChunkType.data) this.peerNextTsn = (view.getUint32(at + 4) + 1) >>> 0;
      else if (type === ChunkType.sack) this.ackedTsn = view.getUint32(at + 4);
      else if ((type === ChunkType.init || type === ChunkType.initAck) && !this.#settled) {
        this.peerTag = initInitiateTag(view, at);
        this.peerNextTsn = initInitialTsn(view, at);
      }
    }
  }

  #takeNumbers(view: DataView, at: number): void {
    if (this.#settled) return;
    this.tags[0] = initInitiateTag(view, at);
    this.firstTsn = initInitialTsn(view, at);
    this.sentTsn = (this.firstTsn - 1) >>> 0;
    this.ackedTsn = this.sentTsn;
  }

  #learnCookie(bytes: Uint8Array, vtag: number): void {
    this.#keep(this.cookies, { bytes, vtag }, COOKIES);
    if (this.tags.length < 4) this.tags.push(vtag);
    else this.tags[1 + (this.#turn++ % 3)] = vtag;
  }

  #keep<T>(list: T[], item: T, most: number): void {
    if (list.length < most) list.push(item);
    else list[this.#turn++ % most] = item;
  }
}

function cookieOf(bytes: Uint8Array, view: DataView, at: number): Uint8Array | undefined {
  const end = at + chunkLength(view, at);
  for (let p = at + INIT_FIXED; p < end; p = nextParameter(view, p)) {
    if (parameterType(view, p) === ParameterType.stateCookie) {
      return bytes.slice(p + 4, p + parameterLength(view, p));
    }
  }
  return undefined;
}
