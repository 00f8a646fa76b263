import {
  type Instant,
  IpAddress,
  PacketRef,
  type RandomSource,
  Ring,
  randomBelow,
  SeededRandom,
  StackError,
} from "@multihome/base";
import type { AssociationId, EndCause, IcmpNotice } from "@multihome/sctp";
import {
  ChunkType,
  chunkType,
  nextChunk,
  SCTP_HEADER_LENGTH,
  sctpDestinationPort,
} from "@multihome/wire";
import { contentOf, isContentOf } from "../message-content.js";
import type { FuzzCase } from "./fuzz-case.js";
import { MAX_ASSOCIATIONS, MAX_RECEIVE_BUFFER, MTU, Station, UDP_PORT } from "./fuzz-station.js";
import { Wiretap } from "./wiretap.js";

/** Something that must not be so. */
export class FuzzFinding extends StackError {
  constructor(what: string) {
    super("fuzzFinding", what);
  }
}

/** Packets that one that came may bring about: one with answers, SACKs, probes, and what the window lets out. */
const MAX_ANSWERS = 48;

/** Addresses of both families: two of the target, two of the peer, the bystander's, a stranger's. */
const ADDRESSES = {
  4: ["10.1.0.1", "10.2.0.1", "10.1.0.2", "10.2.0.2", "10.3.0.3", "10.66.0.6"].map(IpAddress.parse),
  6: ["1::1", "2::1", "1::2", "2::2", "3::3", "66::6"].map((s) => IpAddress.parse(`2001:db8:${s}`)),
} as const;

const LATENCY = 5000;
export const TARGET_PORT = 5000;
export const PEER_PORT = 6000;
export const BYSTANDER_PORT = 6001;
export const STRANGER_PORT = 6002;

function hasAbort(bytes: Uint8Array, view: DataView): boolean {
  for (let at = SCTP_HEADER_LENGTH; at < bytes.length; at = nextChunk(view, at)) {
    if (chunkType(view, at) === ChunkType.abort) return true;
  }
  return false;
}

interface Delivery {
  readonly at: number;
  readonly to: Station;
  readonly bytes: Uint8Array;
  readonly local: IpAddress;
  readonly remote: IpAddress;
}

/**
 * An endpoint (`target`) in virtual time with a real peer, in the state that a case asks for, and a
 * bystander with an association of its own. Packets are fed to the target; what all three send is
 * delivered after 5 ms, unless the peer is silenced.
 */
export class FuzzWorld {
  readonly c: FuzzCase;
  readonly random: RandomSource;
  readonly target: Station;
  readonly peer: Station;
  readonly bystander: Station;
  readonly tap: Wiretap;
  /** What came back to a stranger who opens associations of his own. */
  readonly strangerTap: Wiretap;
  readonly stranger: IpAddress;
  nowUs: number;
  /** The peer's packets do not arrive, so that the target stays in its state. */
  silenced: boolean;
  /** The target's association with the peer, and that with the bystander. */
  id: AssociationId | undefined;
  bystanderId: AssociationId | undefined;
  /** Packets that the target sent. */
  answers: number;
  readonly #wire: Ring<Delivery>;
  #lossOneIn: number;

  constructor(c: FuzzCase) {
    this.c = c;
    this.random = new SeededRandom(c.seed);
    let ids = 0;
    const nextId = (): AssociationId => ++ids as AssociationId;
    const [t1, t2, p1, p2, by, stranger] = ADDRESSES[c.family];
    const some = (...list: readonly (IpAddress | undefined)[]): IpAddress[] =>
      list.filter((x) => x !== undefined).slice(0, c.paths);
    const seed = (): number => this.random.nextU32();
    this.target = new Station("target", seed(), TARGET_PORT, some(t1, t2), c, nextId);
    this.peer = new Station("peer", seed(), PEER_PORT, some(p1, p2), c, nextId);
    this.bystander = new Station("bystander", seed(), BYSTANDER_PORT, some(by), c, nextId);
    this.stranger = stranger ?? IpAddress.v4(0);
    this.tap = new Wiretap();
    this.strangerTap = new Wiretap();
    this.nowUs = 1_000_000;
    this.silenced = false;
    this.id = undefined;
    this.bystanderId = undefined;
    this.answers = 0;
    this.#wire = new Ring();
    this.#lossOneIn = 0;
    this.#build();
  }

  get now(): Instant {
    return this.nowUs as Instant;
  }

  // ---- what the fuzzer does

  /** Feeds the target a packet, borrowed; returns how many packets it sent at once. */
  attack(bytes: Uint8Array, view: DataView, end: number, from: IpAddress, to: IpAddress): number {
    const packet = new PacketRef(bytes, view);
    packet.end = end;
    packet.remote = from;
    packet.local = to;
    packet.localPort = this.c.udp ? UDP_PORT : 0;
    packet.remotePort = packet.localPort;
    this.target.endpoint.handle(this.now, { kind: "packet", packet });
    return this.#afterAttack();
  }

  /** Feeds the target an ICMP message. */
  attackIcmp(notice: IcmpNotice): number {
    this.target.endpoint.handle(this.now, { kind: "icmp", notice });
    return this.#afterAttack();
  }

  #afterAttack(): number {
    const before = this.answers;
    this.drain(this.target);
    const answered = this.answers - before;
    if (answered > MAX_ANSWERS) throw new FuzzFinding(`${answered} packets for one`);
    return answered;
  }

  /** Both applications send a message of this size, where they can. */
  talk(bytes: number): void {
    this.#send(this.target, this.id, bytes);
    for (const id of this.peer.open) this.#send(this.peer, id, bytes);
  }

  /** The bystander and the target send each other a message. */
  talkToBystander(): void {
    this.#send(this.target, this.bystanderId, 300);
    for (const id of this.bystander.open) this.#send(this.bystander, id, 300);
  }

  /** One in `n` packets between target and peer is lost; 0: none. */
  lose(n: number): void {
    this.#lossOneIn = n;
  }

  /** Lets time pass, with every delivery and timer at its instant. */
  advance(us: number): void {
    const until = this.nowUs + us;
    for (let n = 0; ; n++) {
      if (n > 200_000) throw new FuzzFinding(`no end of events within ${us} us`);
      const first = this.#wire.peek();
      let at = first === undefined ? Number.POSITIVE_INFINITY : first.at;
      for (const s of [this.target, this.peer, this.bystander]) {
        at = Math.min(at, s.endpoint.pollTimeout());
      }
      if (at > until) break;
      this.nowUs = Math.max(this.nowUs, at);
      if (first !== undefined && first.at <= this.nowUs) {
        this.#wire.shift();
        this.#deliver(first);
      } else {
        for (const s of [this.target, this.peer, this.bystander]) {
          if (s.endpoint.pollTimeout() > this.nowUs) continue;
          s.endpoint.handleTimeout(this.now);
          if (s.endpoint.pollTimeout() <= this.nowUs) throw new FuzzFinding("a timer stays due");
          this.drain(s);
        }
      }
    }
    this.nowUs = until;
  }

  /** Everything that must be so at any time. */
  check(): void {
    const { endpoint } = this.target;
    if (endpoint.associationCount > MAX_ASSOCIATIONS) {
      throw new FuzzFinding(`${endpoint.associationCount} associations`);
    }
    for (const id of this.target.open) {
      const fault = endpoint.audit(id);
      if (fault !== undefined) throw new FuzzFinding(fault);
      const unread = endpoint.status(id)?.unreadBytes ?? 0;
      if (unread > 2 * MAX_RECEIVE_BUFFER) throw new FuzzFinding(`${unread} bytes unread`);
    }
    for (const id of [this.id, this.bystanderId]) {
      const fault = id === undefined ? undefined : endpoint.audit(id);
      if (fault !== undefined) throw new FuzzFinding(fault);
    }
  }

  /** The bystander's association lives and brings everything over, both ways. */
  checkBystander(): void {
    this.#checkPair(this.bystander, this.bystanderId, "bystander");
  }

  /** The same of the peer's. */
  checkPeer(): void {
    this.#checkPair(this.peer, this.id, "peer");
  }

  /** How the association with the peer ended, if it did. */
  get end(): EndCause["kind"] | undefined {
    return this.id === undefined ? undefined : this.target.ended.get(this.id);
  }

  get state(): string | undefined {
    return this.id === undefined ? undefined : this.target.endpoint.status(this.id)?.state;
  }

  #checkPair(other: Station, id: AssociationId | undefined, name: string): void {
    const theirs = [...other.open];
    const [first] = theirs;
    if (id === undefined || first === undefined || theirs.length !== 1) {
      throw new FuzzFinding(`the ${name} has ${theirs.length} associations`);
    }
    if (!this.target.open.has(id)) {
      throw new FuzzFinding(`the ${name}'s association ended: ${this.target.ended.get(id)}`);
    }
    const here = this.target.flow(id);
    const there = other.flow(first);
    for (let n = 0; here.sent !== there.received || there.sent !== here.received; n++) {
      if (n === 240) {
        throw new FuzzFinding(
          `the ${name} got ${there.received} of ${here.sent} messages and sent ${there.sent}, of which ${here.received} came`,
        );
      }
      this.advance(500_000);
    }
    if (this.target.restarted.has(id) || other.restarted.has(first)) {
      throw new FuzzFinding(`the ${name}'s association restarted`);
    }
  }

  // ---- building

  #build(): void {
    const { target, peer, bystander, c } = this;
    target.endpoint.listening = true;
    peer.endpoint.listening = true;
    this.#connect(bystander, target);
    this.#until(() => bystander.open.size === 1 && target.open.size === 1, "bystander up");
    this.bystanderId = [...target.open][0];
    if (c.state === "closed" || c.state === "listening") {
      target.endpoint.listening = c.state === "listening";
      this.tap.settle();
      return;
    }
    if (c.state === "cookieWait" || c.state === "cookieEchoed") {
      this.silenced = c.state === "cookieWait";
      this.id = this.#connect(target, peer);
      this.#until(() => this.state === c.state, c.state);
      this.silenced = true;
      this.tap.settle();
      return;
    }
    if (c.opener === "target") this.id = this.#connect(target, peer);
    else this.#connect(peer, target);
    this.#until(() => peer.open.size === 1 && target.open.size === 2, "peer up");
    this.id ??= [...target.open].find((id) => id !== this.bystanderId);
    this.advance(300_000);
    this.tap.settle();
    this.#traffic();
    this.#enter(c.state);
  }

  #traffic(): void {
    this.talk(1200);
    this.advance(20_000);
    this.lose(4);
    this.talk(2500);
    this.talk(100);
    this.advance(12_000);
    this.lose(0);
  }

  #enter(state: FuzzCase["state"]): void {
    const { target, peer } = this;
    const peerId = [...peer.open][0];
    if (this.id === undefined || peerId === undefined) throw new FuzzFinding("no association");
    if (state === "established") {
      target.stalled = this.c.stalled === "target";
      peer.stalled = this.c.stalled === "peer";
      if (this.c.stalled !== "nobody") {
        for (let i = 0; i < 8; i++) this.talk(3000);
        this.advance(400_000);
      }
      return;
    }
    if (state === "shutdownPending") {
      this.silenced = true;
      this.talk(1000);
      target.endpoint.shutdown(this.now, this.id);
      this.drain(target);
    } else {
      this.advance(4_000_000);
      if (state === "shutdownSent") {
        this.silenced = true;
        target.endpoint.shutdown(this.now, this.id);
        this.drain(target);
      } else {
        if (state === "shutdownReceived") this.#send(target, this.id, 900);
        peer.endpoint.shutdown(this.now, peerId);
        this.drain(peer);
        this.#until(() => this.state === state, state);
        this.silenced = true;
      }
    }
    if (this.state !== state) throw new FuzzFinding(`in ${this.state} instead of ${state}`);
  }

  #connect(from: Station, to: Station): AssociationId {
    const { endpoint } = from;
    const id = endpoint.nextId();
    endpoint.connect(this.now, {
      id,
      peerPort: to.endpoint.port,
      pairs: to.addresses.flatMap((remote, i) => {
        const local = from.addresses[i] ?? from.addresses[0];
        return local === undefined ? [] : [{ local, remote }];
      }),
      peerUdpPort: this.c.udp ? UDP_PORT : 0,
    });
    this.drain(from);
    return id;
  }

  #until(done: () => boolean, what: string): void {
    for (let n = 0; !done(); n++) {
      if (n > 20_000) throw new FuzzFinding(`never: ${what}`);
      this.advance(1000);
    }
  }

  #send(s: Station, id: AssociationId | undefined, bytes: number): void {
    if (id === undefined || !s.open.has(id)) return;
    const flow = s.flow(id);
    const sent = s.endpoint.send(this.now, id, contentOf(0, "a", flow.sent, bytes), { stream: 1 });
    if (sent.ok) flow.sent++;
    this.drain(s);
  }

  // ---- the wire

  #deliver(d: Delivery): void {
    const packet = new PacketRef(
      d.bytes,
      new DataView(d.bytes.buffer, d.bytes.byteOffset, d.bytes.length),
    );
    packet.end = d.bytes.length;
    packet.local = d.local;
    packet.remote = d.remote;
    packet.localPort = this.c.udp ? UDP_PORT : 0;
    packet.remotePort = packet.localPort;
    d.to.endpoint.handle(this.now, { kind: "packet", packet });
    this.drain(d.to);
  }

  /** Takes all packets and events that are ready. */
  drain(s: Station): void {
    const { out, endpoint } = s;
    for (let n = 0; ; n++) {
      if (n > 2000) throw new FuzzFinding("it does not stop sending");
      out.start = 0;
      out.end = out.bytes.length;
      if (!endpoint.pollTransmit(this.now, out)) break;
      this.#route(s, out);
    }
    for (let e = endpoint.pollEvent(); e !== undefined; e = endpoint.pollEvent()) {
      if (e.kind === "up") s.open.add(e.id);
      else if (e.kind === "readable") s.unread.add(e.id);
      else if (e.kind === "restarted") {
        s.restarted.add(e.id);
        s.flows.delete(e.id);
      } else if (e.kind === "ended") {
        if (s.ended.has(e.id)) throw new FuzzFinding("an association ended twice");
        s.open.delete(e.id);
        s.ended.set(e.id, e.cause.kind);
      }
    }
    if (!s.stalled) this.#read(s);
  }

  /** The application reads; that may open the window, which sends a SACK. */
  #read(s: Station): void {
    if (s.unread.size === 0) return;
    for (const id of s.unread) {
      for (let m = s.endpoint.receive(id); m !== undefined; m = s.endpoint.receive(id)) {
        const flow = s.flow(id);
        if (!this.#mayCheck(s, id)) continue;
        const whole = new Uint8Array(flow.part.length + m.data.length);
        whole.set(flow.part);
        whole.set(m.data, flow.part.length);
        flow.part = m.end ? new Uint8Array(0) : whole;
        if (!m.end) continue;
        if (!isContentOf(whole, 0, "a", flow.received)) {
          throw new FuzzFinding(
            `message ${flow.received} came to the ${s.name} otherwise than it was sent`,
          );
        }
        flow.received++;
      }
    }
    s.unread.clear();
    this.drain(s);
  }

  /** Whose messages must be as they were sent: those of whom nobody forged a tag. */
  #mayCheck(s: Station, id: AssociationId): boolean {
    if (s === this.bystander || id === this.bystanderId) return true;
    return this.c.attacker === "blind" && (s === this.peer || id === this.id);
  }

  #route(s: Station, out: PacketRef): void {
    const bytes = out.bytes.slice(out.start, out.end);
    const view = new DataView(bytes.buffer);
    if (bytes.length > MTU) throw new FuzzFinding(`a packet of ${bytes.length} bytes`);
    if (s === this.target) this.answers++;
    const to = this.#stationAt(out.remote, sctpDestinationPort(view, 0));
    if (s === this.target && to === undefined) this.strangerTap.fromTarget(bytes, view);
    const withPeer = to === this.peer || s === this.peer;
    if (s === this.target && to === this.peer) this.tap.fromTarget(bytes, view);
    if (s === this.peer && to === this.target) this.tap.fromPeer(bytes, view);
    if (to === undefined || (withPeer && this.#isLost(s))) return;
    // Confused by what was forged, the peer would end what is to be attacked.
    if (s === this.peer && this.c.attacker === "insider" && hasAbort(bytes, view)) return;
    const { local: remote, remote: local } = out;
    this.#wire.push({ at: this.nowUs + LATENCY, to, bytes, local, remote });
  }

  #isLost(from: Station): boolean {
    if (this.silenced && from === this.peer) return true;
    return this.#lossOneIn > 0 && randomBelow(this.random, this.#lossOneIn) === 0;
  }

  #stationAt(address: IpAddress, port: number): Station | undefined {
    const text = address.toString();
    for (const s of [this.target, this.peer, this.bystander]) {
      if (s.endpoint.port === port && s.addresses.some((a) => a.toString() === text)) return s;
    }
    return undefined;
  }
}
