import {
  type Instant,
  IpAddress,
  millis,
  NEVER,
  PacketRef,
  type RandomSource,
  SeededRandom,
} from "@multihome/base";
import {
  ChunkType,
  chunkFlags,
  chunkLength,
  chunkType,
  initARwnd,
  initInitialTsn,
  initInitiateTag,
  nextChunk,
  nextParameter,
  ParameterType,
  parameterLength,
  parameterType,
  SCTP_HEADER_LENGTH,
  sctpChecksumOk,
  sctpVerificationTag,
  summarizeSctpPacket,
  writeSctpChecksum,
  writeSctpHeader,
} from "@multihome/wire";
import {
  type AssociationId,
  type EndCause,
  type IcmpNotice,
  SctpEndpoint,
  type SctpEvent,
  type SctpOptions,
  sctpConfig,
} from "../../src/index.js";
import { initAckChunk, initChunk } from "../../src/init-chunks.js";
import * as chunks from "./chunks.js";

/** Tags and TSNs that the script uses for the peer. */
export const PEER_TAG = 0x7ee7_0001;
export const PEER_TSN = 1000;
export const PEER_PORT = 7000;
/** Windows that do not grow by themselves. */
const FIXED_BUFFERS = { receiveBufferBytes: 4 << 20, sendBufferBytes: 4 << 20 } as const;
export const PORT = 5000;

/** A packet that the endpoint sent. */
export interface SentPacket {
  readonly atMs: number;
  readonly local: string;
  readonly remote: string;
  readonly vtag: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** `CHUNK ... | CHUNK ...` without addresses, ports and tag. */
  readonly line: string;
  /** `local>remote`. */
  readonly route: string;
  /** UDP ports, 0 without UDP. */
  readonly localPort: number;
  readonly remotePort: number;
}

export interface ScriptOptions {
  readonly sctp?: SctpOptions;
  /** Our addresses. Default `10.1.0.1`. */
  readonly local?: readonly string[];
  /** The peer's addresses. Default `10.1.0.2`. */
  readonly peer?: readonly string[];
  readonly udp?: boolean;
  /** Seed of the endpoint's random numbers. Default 7. */
  readonly seed?: number;
  /** The first numbers that the endpoint draws: its tag, its Initial TSN. */
  readonly draws?: readonly number[];
}

/** What the peer says of itself in INIT and INIT ACK. */
export interface PeerNumbers {
  readonly aRwnd?: number;
  /** In both directions. */
  readonly streams?: number;
  readonly tsn?: number;
}

/**
 * One endpoint against a script: what goes in is written by hand, what comes out is compared exactly.
 * Time is virtual; nothing happens that the script does not say.
 */
export class Script {
  readonly endpoint: SctpEndpoint;
  readonly local: readonly string[];
  readonly peer: readonly string[];
  readonly udpPort: number;
  nowUs = 1_000_000;
  readonly id = 1 as AssociationId;
  /** Tag and Initial TSN of the endpoint, known after the handshake. */
  tag = 0;
  tsn = 0;
  readonly events: SctpEvent[] = [];
  /** Sees every event as it is taken, also those that `openFromPeer` and the like drop. */
  onEvent: ((e: SctpEvent) => void) | undefined;
  #ids = 0;
  #held = false;
  readonly #buffer: Uint8Array;
  readonly #packets: SentPacket[] = [];

  constructor(o: ScriptOptions = {}) {
    this.local = o.local ?? ["10.1.0.1"];
    this.peer = o.peer ?? ["10.1.0.2"];
    this.udpPort = o.udp ? 9899 : 0;
    this.#buffer = new Uint8Array(Math.max(4096, 64 + (o.sctp?.mtu ?? 0)));
    this.endpoint = new SctpEndpoint(
      this.now,
      sctpConfig({ timing: "rfc", ...FIXED_BUFFERS, ...o.sctp }),
      { random: drawing(o.draws ?? [], new SeededRandom(o.seed ?? 7)) },
      PORT,
      this.udpPort,
      this.local.map((a) => ({
        address: IpAddress.parse(a),
        interfaceName: "eth0",
        metered: false,
        cost: 0,
        allowed: true,
      })),
      () => ++this.#ids as AssociationId,
    );
  }

  get now(): Instant {
    return this.nowUs as Instant;
  }

  /** Feeds a packet with these chunks. Default: from the first peer address to our first, with our tag. */
  receive(
    parts: readonly Uint8Array[],
    o: {
      readonly vtag?: number;
      readonly from?: string;
      readonly to?: string;
      readonly sourcePort?: number;
      readonly destinationPort?: number;
      /** 0: without UDP. */
      readonly udpFrom?: number;
      readonly badChecksum?: boolean;
    } = {},
  ): void {
    const length = SCTP_HEADER_LENGTH + parts.reduce((n, p) => n + p.length, 0);
    const bytes = new Uint8Array(length);
    const view = new DataView(bytes.buffer);
    let at = writeSctpHeader(
      view,
      0,
      o.sourcePort ?? PEER_PORT,
      o.destinationPort ?? PORT,
      o.vtag ?? this.tag,
    );
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    writeSctpChecksum(bytes, view, 0, length);
    if (o.badChecksum) view.setUint32(8, view.getUint32(8) ^ 1);
    const packet = new PacketRef(bytes, view);
    packet.end = length;
    packet.remote = IpAddress.parse(o.from ?? (this.peer[0] as string));
    packet.local = IpAddress.parse(o.to ?? (this.local[0] as string));
    packet.remotePort = this.udpPort === 0 ? 0 : (o.udpFrom ?? 9899);
    packet.localPort = packet.remotePort === 0 ? 0 : this.udpPort;
    this.endpoint.handle(this.now, { kind: "packet", packet });
    this.drain();
  }

  /** Feeds an ICMP message about a packet that was sent; `quoted` is how many of its bytes it quotes. */
  icmp(p: SentPacket, kind: IcmpNotice["kind"], o: { mtu?: number; quoted?: number } = {}): void {
    const notice = {
      kind,
      mtu: o.mtu ?? 0,
      local: IpAddress.parse(p.local),
      remote: IpAddress.parse(p.remote),
      remotePort: p.remotePort,
      quoted: p.bytes.slice(0, o.quoted ?? p.bytes.length),
    };
    this.endpoint.handle(this.now, { kind: "icmp", notice });
    this.drain();
  }

  /** A router says that a packet was too big. */
  tooBig(p: SentPacket, mtu: number): void {
    this.icmp(p, "packetTooBig", { mtu });
  }

  /** Whatever `work` feeds is taken before anything is asked to leave, as a driver does with a batch. */
  hold(work: () => void): void {
    this.#held = true;
    work();
    this.#held = false;
    this.drain();
  }

  /** Takes all packets and events that are ready now. Calls of the application need it after them. */
  drain(): void {
    if (this.#held) return;
    const bytes = this.#buffer;
    const out = new PacketRef(bytes, new DataView(bytes.buffer));
    for (let n = 0; ; n++) {
      if (n > 10_000) throw new Error("the endpoint does not stop sending");
      out.start = 64;
      out.end = bytes.length;
      if (!this.endpoint.pollTransmit(this.now, out)) break;
      const copy = bytes.slice(out.start, out.end);
      const view = new DataView(copy.buffer);
      if (!sctpChecksumOk(copy, view, 0, copy.length)) throw new Error("bad checksum sent");
      this.#packets.push({
        atMs: this.nowUs / 1000,
        local: out.local.toString(),
        remote: out.remote.toString(),
        vtag: sctpVerificationTag(view, 0),
        bytes: copy,
        view,
        get line() {
          const summary = summarizeSctpPacket(view, 0, copy.length);
          return summary.replace(/^sctp \d+ > \d+ vtag 0x[0-9a-f]+ /, "");
        },
        route: `${out.local.toString()}>${out.remote.toString()}`,
        localPort: out.localPort,
        remotePort: out.remotePort,
      });
    }
    for (let e = this.endpoint.pollEvent(); e !== undefined; e = this.endpoint.pollEvent()) {
      this.onEvent?.(e);
      this.events.push(e);
    }
  }

  /** Lets time pass, with every timer at its instant. */
  advance(ms: number): void {
    const until = this.nowUs + millis(ms);
    for (let n = 0; ; n++) {
      if (n > 100_000) throw new Error("the endpoint's timers do not stop");
      const at = this.endpoint.pollTimeout();
      if (at > until) break;
      this.nowUs = Math.max(this.nowUs, at);
      this.endpoint.handleTimeout(this.now);
      this.drain();
    }
    this.nowUs = until;
  }

  /** Lets time pass until the next packet is sent; how many ms that took. Fails after `maxMs`. */
  advanceToNextPacket(maxMs = 600_000): number {
    const start = this.nowUs;
    while (this.#packets.length === 0) {
      const at = this.endpoint.pollTimeout();
      if (at === NEVER || at - start > millis(maxMs)) throw new Error("no packet is sent");
      this.nowUs = Math.max(this.nowUs, at);
      this.endpoint.handleTimeout(this.now);
      this.drain();
    }
    return (this.nowUs - start) / 1000;
  }

  /** The packets sent since the last call. */
  take(): SentPacket[] {
    this.drain();
    return this.#packets.splice(0);
  }

  /** The lines of the packets sent since the last call. */
  lines(): string[] {
    return this.take().map((p) => p.line);
  }

  /** As {@link Script.lines}, TSNs counted from the endpoint's first: `tsn=+0`. */
  relativeLines(): string[] {
    return this.take().map((p) => this.relative(p.line));
  }

  /** As {@link Script.relativeLines} with the route in front: `10.1.0.1>10.1.0.2 DATA tsn=+0 ...`. */
  routes(): string[] {
    return this.take().map((p) => `${p.route} ${this.relative(p.line)}`);
  }

  /** A line with the endpoint's TSNs counted from its first. */
  relative(line: string): string {
    return line.replace(/ tsn=(\d+)/g, (_, t) => ` tsn=+${(Number(t) - this.tsn) >>> 0}`);
  }

  /** The names of all chunks in the packets sent since the last call, packet by packet. */
  chunkTypes(): number[][] {
    return this.take().map((p) => chunksOf(p).map((c) => c.type));
  }

  /** Kinds of the events since the last call; path events as `path:kind`. */
  takeEvents(): string[] {
    this.drain();
    return this.events.splice(0).map((e) => (e.kind === "path" ? `path:${e.event.kind}` : e.kind));
  }

  /** The end of the association, as told; `undefined` while it lives. */
  ended(): EndCause | undefined {
    this.drain();
    for (const e of this.events) if (e.kind === "ended") return e.cause;
    return undefined;
  }

  /** The peer opens the association; afterwards nothing is left in `take` or `events`. */
  openFromPeer(o: PeerNumbers = {}): void {
    this.acceptFromPeer(o);
    this.settle();
  }

  acceptFromPeer(o: PeerNumbers = {}): void {
    this.endpoint.listening = true;
    this.receive([this.peerInit(o)], { vtag: 0 });
    const [initAck] = this.take();
    if (initAck === undefined) throw new Error("no INIT ACK");
    this.readNumbers(initAck);
    this.receive([chunks.cookieEcho(cookieOf(initAck))]);
  }

  /** We open the association; afterwards nothing is left in `take` or `events`. */
  openToPeer(o: PeerNumbers = {}): void {
    this.connect();
    const [init] = this.take();
    if (init === undefined) throw new Error("no INIT");
    this.readNumbers(init);
    this.receive([this.peerInitAck(o)]);
    this.take();
    this.receive([chunks.bare(ChunkType.cookieAck)]);
    this.settle();
  }

  connect(): void {
    this.#ids = Math.max(this.#ids, this.id);
    this.endpoint.connect(this.now, {
      id: this.id,
      peerPort: PEER_PORT,
      pairs: this.peer.map((remote, i) => ({
        local: IpAddress.parse(this.local[i] ?? (this.local[0] as string)),
        remote: IpAddress.parse(remote),
      })),
      peerUdpPort: this.udpPort,
    });
    this.drain();
  }

  /** Tag and TSN of the endpoint from its INIT or INIT ACK. */
  readNumbers(packet: SentPacket): void {
    this.tag = initInitiateTag(packet.view, SCTP_HEADER_LENGTH);
    this.tsn = initInitialTsn(packet.view, SCTP_HEADER_LENGTH);
  }

  peerInit(o: PeerNumbers = {}): Uint8Array {
    return initChunk(this.#peerNumbers(o), this.#listed(), 0);
  }

  peerInitAck(o: PeerNumbers = {}): Uint8Array {
    const cookie = Uint8Array.of(1, 2, 3, 4);
    const from = IpAddress.parse(this.peer[0] as string);
    const chunk = initAckChunk(this.#peerNumbers(o), this.#listed(), cookie, [], from, 1460);
    if (chunk === undefined) throw new Error("the INIT ACK is too long");
    return chunk;
  }

  /** Answers every HEARTBEAT among the packets, as a live peer does. */
  answerHeartbeats(packets: readonly SentPacket[]): void {
    for (const p of packets) {
      for (const c of chunksOf(p)) {
        if (c.type !== ChunkType.heartbeat) continue;
        const ack = p.bytes.slice(c.at, c.at + c.length);
        ack[0] = ChunkType.heartbeatAck;
        this.receive([ack], { from: p.remote, to: p.local });
      }
    }
  }

  /** Lets time pass and answers every HEARTBEAT at once; drops what was recorded. */
  advanceAnswering(ms: number): void {
    const until = this.nowUs + millis(ms);
    this.answerHeartbeats(this.take());
    for (let n = 0; ; n++) {
      if (n > 10_000) throw new Error("the endpoint's timers do not stop");
      const at = this.endpoint.pollTimeout();
      if (at > until) break;
      this.nowUs = Math.max(this.nowUs, at);
      this.endpoint.handleTimeout(this.now);
      this.answerHeartbeats(this.take());
    }
    this.nowUs = until;
    this.settle();
  }

  /** States of the association's paths: `local>remote state errorCount`, the path in use with a star. */
  paths(): string[] {
    const current = this.endpoint.currentPath(this.id);
    return this.endpoint
      .paths(this.id)
      .map(
        (p) =>
          `${p === current ? "*" : ""}${p.local}>${p.remote} ${p.stateKind}` +
          (p.errorCount > 0 ? ` ${p.errorCount}` : ""),
      );
  }

  /** Answers the heartbeats of path verification and drops what was recorded so far. */
  settle(): void {
    this.answerHeartbeats(this.take());
    this.take();
    this.takeEvents();
  }

  #listed(): IpAddress[] {
    return this.peer.length > 1 ? this.peer.map((p) => IpAddress.parse(p)) : [];
  }

  #peerNumbers(o: PeerNumbers) {
    return {
      initiateTag: PEER_TAG,
      aRwnd: o.aRwnd ?? 100_000,
      outboundStreams: o.streams ?? 10,
      inboundStreams: o.streams ?? 10,
      initialTsn: o.tsn ?? PEER_TSN,
    };
  }
}

/** Gives these numbers first. */
function drawing(first: readonly number[], then: RandomSource): RandomSource {
  const left = [...first];
  return { nextU32: () => left.shift() ?? then.nextU32(), fill: (into) => then.fill(into) };
}

/** The chunks of a packet. */
export function chunksOf(p: SentPacket): {
  readonly type: number;
  readonly flags: number;
  readonly at: number;
  readonly length: number;
}[] {
  const found = [];
  for (let at = SCTP_HEADER_LENGTH; at < p.bytes.length; at = nextChunk(p.view, at)) {
    found.push({
      type: chunkType(p.view, at),
      flags: chunkFlags(p.view, at),
      at,
      length: chunkLength(p.view, at),
    });
  }
  return found;
}

/** The State Cookie of an INIT ACK. */
export function cookieOf(p: SentPacket): Uint8Array {
  const end = SCTP_HEADER_LENGTH + chunkLength(p.view, SCTP_HEADER_LENGTH);
  for (let at = SCTP_HEADER_LENGTH + 20; at < end; at = nextParameter(p.view, at)) {
    if (parameterType(p.view, at) === ParameterType.stateCookie) {
      return p.bytes.slice(at + 4, at + parameterLength(p.view, at));
    }
  }
  throw new Error("no State Cookie");
}

/** Initiate Tag and Initial TSN of an INIT or INIT ACK. */
export const initNumbers = (p: SentPacket): { readonly tag: number; readonly tsn: number } => ({
  tag: initInitiateTag(p.view, SCTP_HEADER_LENGTH),
  tsn: initInitialTsn(p.view, SCTP_HEADER_LENGTH),
});

/** a_rwnd of an INIT or INIT ACK. */
export const aRwndOf = (p: SentPacket): number => initARwnd(p.view, SCTP_HEADER_LENGTH);
