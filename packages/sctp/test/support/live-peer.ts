import { tsn } from "@multihome/base";
import { ChunkType, dataTsn, SCTP_HEADER_LENGTH } from "@multihome/wire";
import { TsnTracker } from "../../src/tsn-tracker.js";
import * as chunks from "./chunks.js";
import { chunksOf, type Script, type SentPacket } from "./scripted-peer.js";

interface Answer {
  readonly atUs: number;
  readonly route: string;
  readonly bytes: Uint8Array;
}

/**
 * A peer that answers every HEARTBEAT and every packet with DATA at once, over paths with a round trip
 * that may die. Half a round trip there, half back; each half only if the path lives then.
 */
export class LivePeer {
  readonly #s: Script;
  readonly #received: TsnTracker;
  readonly #rttMs: Map<string, number>;
  readonly #dead: Set<string>;
  #arrivals: { readonly atUs: number; readonly packet: SentPacket }[] = [];
  #answers: Answer[] = [];
  /** It has no room: DATA is dropped, and answered with a window of 0. */
  full = false;
  /** Every packet that the endpoint sent, dead path or not. */
  readonly sent: SentPacket[] = [];

  constructor(s: Script, rttMs: Readonly<Record<string, number>>) {
    this.#s = s;
    this.#received = new TsnTracker(tsn(s.tsn));
    this.#rttMs = new Map(Object.entries(rttMs));
    this.#dead = new Set();
  }

  kill(...routes: string[]): void {
    for (const route of routes) this.#dead.add(route);
  }

  revive(...routes: string[]): void {
    for (const route of routes) this.#dead.delete(route);
  }

  setRtt(route: string, ms: number): void {
    this.#rttMs.set(route, ms);
  }

  /** TSNs received in sequence, counted from the endpoint's first. */
  get delivered(): number {
    return (this.#received.cumTsn - this.#s.tsn + 1) >>> 0;
  }

  /** Lets time pass; `each` is called every `everyMs`, at the beginning, too. */
  run(ms: number, everyMs = ms, each: () => void = () => {}): void {
    const s = this.#s;
    const until = s.nowUs + ms * 1000;
    let next = s.nowUs;
    for (;;) {
      this.#collect();
      const at = Math.min(
        next,
        this.#arrivals[0]?.atUs ?? Number.POSITIVE_INFINITY,
        this.#answers[0]?.atUs ?? Number.POSITIVE_INFINITY,
        s.endpoint.pollTimeout(),
      );
      if (at > until || (at === next && next >= until)) break;
      s.nowUs = Math.max(s.nowUs, at);
      if (this.#arrivals[0]?.atUs === at) this.#arrive();
      else if (this.#answers[0]?.atUs === at) this.#answer();
      else if (at === next) {
        next += everyMs * 1000;
        each();
        s.drain();
      } else {
        s.endpoint.handleTimeout(s.now);
        s.drain();
      }
    }
    s.nowUs = until;
  }

  #collect(): void {
    for (const packet of this.#s.take()) {
      this.sent.push(packet);
      if (this.#dead.has(packet.route)) continue;
      const half = (this.#rttMs.get(packet.route) ?? 50) * 500;
      this.#arrivals.push({ atUs: packet.atMs * 1000 + half, packet });
    }
    this.#arrivals.sort((x, y) => x.atUs - y.atUs);
  }

  #arrive(): void {
    const first = this.#arrivals.shift();
    if (first === undefined || this.#dead.has(first.packet.route)) return;
    const { packet, atUs } = first;
    const half = (this.#rttMs.get(packet.route) ?? 50) * 500;
    const reply = (bytes: Uint8Array): void => {
      this.#answers.push({ atUs: atUs + half, route: packet.route, bytes });
    };
    let data = false;
    for (const c of chunksOf(packet)) {
      if (c.type === ChunkType.heartbeat) {
        const ack = packet.bytes.slice(c.at, c.at + c.length);
        ack[0] = ChunkType.heartbeatAck;
        reply(ack);
      }
      if (c.type !== ChunkType.data) continue;
      data = true;
      if (this.full) continue;
      const t = dataTsn(packet.view, c.at);
      if (this.#received.has(t)) this.#received.noteDuplicate(t);
      else this.#received.add(t);
    }
    if (data) reply(this.#sack());
    this.#answers.sort((x, y) => x.atUs - y.atUs);
  }

  #sack(): Uint8Array {
    const r = this.#received;
    const gaps = r.starts.map((start, i): [number, number] => [
      (start - r.cumTsn) >>> 0,
      ((r.ends[i] ?? start) - r.cumTsn) >>> 0,
    ]);
    return chunks.sack(r.cumTsn, {
      gaps,
      dups: r.duplicates.splice(0),
      aRwnd: this.full ? 0 : 1_000_000,
    });
  }

  #answer(): void {
    const first = this.#answers.shift();
    if (first === undefined || this.#dead.has(first.route)) return;
    const [to, from] = first.route.split(">");
    if (to === undefined || from === undefined) throw new Error(first.route);
    this.#s.receive([first.bytes], { from, to });
  }
}

/** What a packet holds, for timelines: `DATA+3,4` or `HEARTBEAT`. */
export function contents(s: Script, p: SentPacket): string {
  const tsns = chunksOf(p)
    .filter((c) => c.type === ChunkType.data)
    .map((c) => (p.view.getUint32(c.at + 4) - s.tsn) >>> 0);
  if (tsns.length > 0) return `DATA+${tsns.join(",")}`;
  return p.bytes[SCTP_HEADER_LENGTH] === ChunkType.heartbeat ? "HEARTBEAT" : p.line;
}
