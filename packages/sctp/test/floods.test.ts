import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "@jest/globals";
import { IpAddress, PacketRef, randomBelow, SeededRandom } from "@multihome/base";
import { ChunkType, writeSctpChecksum, writeSctpHeader } from "@multihome/wire";
import type { AssociationId, SctpOptions } from "../src/index.js";
import * as chunk from "./support/chunks.js";
import {
  chunksOf,
  cookieOf,
  PEER_PORT,
  PORT,
  Script,
  type SentPacket,
} from "./support/scripted-peer.js";

// RFC 9260 s12.2.4.1: a flood of what costs its sender nothing must cost us no memory, and whoever means it
// must get through. Everything here is one driver's batch after the other: 64 packets, then a drain.

const BATCH = 64;
const random = new SeededRandom(4);

const strangerAddress = (): IpAddress => IpAddress.v4(0x0b00_0000 + randomBelow(random, 0xff_ffff));

/** A packet of somebody to the server. */
function packetOf(
  parts: readonly Uint8Array[],
  vtag: number,
  from: IpAddress,
  sourcePort: number,
): PacketRef {
  const bytes = new Uint8Array(12 + parts.reduce((n, p) => n + p.length, 0));
  const view = new DataView(bytes.buffer);
  let at = writeSctpHeader(view, 0, sourcePort, PORT, vtag);
  for (const p of parts) {
    bytes.set(p, at);
    at += p.length;
  }
  writeSctpChecksum(bytes, view, 0, at);
  const packet = new PacketRef(bytes, view);
  packet.end = at;
  packet.remote = from;
  packet.local = IpAddress.parse("10.1.0.1");
  return packet;
}

const forgedInit = (): PacketRef =>
  packetOf(
    [
      chunk.init({
        tag: random.nextU32() || 1,
        tsn: random.nextU32(),
        addresses: ["10.7.0.1", "10.7.0.2"],
      }),
    ],
    0,
    strangerAddress(),
    1024 + randomBelow(random, 60_000),
  );

const forgedCookieEcho = (): PacketRef => {
  const cookie = new Uint8Array(60);
  random.fill(cookie);
  return packetOf([chunk.cookieEcho(cookie)], random.nextU32() || 1, strangerAddress(), 7000);
};

/** Feeds so many packets in batches, with a drain after each; what was sent to whom is dropped. */
function flood(s: Script, packets: number, make: () => PacketRef): SentPacket[] {
  const answers: SentPacket[] = [];
  for (let n = 0; n < packets; n += BATCH) {
    s.hold(() => {
      for (let i = 0; i < BATCH; i++) {
        s.endpoint.handle(s.now, { kind: "packet", packet: make() });
      }
    });
    s.nowUs += 1000;
    const sent = s.take();
    if (answers.length < 1000) answers.push(...sent);
  }
  return answers;
}

/** Everything that can be seen of what an endpoint keeps. */
const kept = (s: Script): unknown => [
  s.endpoint.associationCount,
  s.endpoint.unreadCount,
  s.endpoint.pollTimeout(),
  s.takeEvents(),
];

const listening = (sctp: SctpOptions = {}): Script => {
  const s = new Script({ sctp });
  s.endpoint.listening = true;
  return s;
};

const one = (packets: readonly SentPacket[]): SentPacket => {
  const [packet] = packets;
  if (packet === undefined || packets.length !== 1) throw new Error(`${packets.length} packets`);
  return packet;
};

/** The cookie that a stranger gets, with the tag to send it with. */
function cookieFor(s: Script, sourcePort: number, from = "10.66.0.6") {
  s.take();
  s.receive([chunk.init({ tag: 77 })], { vtag: 0, from, sourcePort });
  const initAck = one(s.take());
  return { cookie: cookieOf(initAck), vtag: initAck.view.getUint32(16) };
}

describe("a flood keeps no state", () => {
  test("INITs from everywhere: each is answered, nothing is kept", () => {
    const s = listening();
    const before = kept(s);
    const answers = flood(s, 2048, forgedInit);
    expect(kept(s)).toEqual(before);
    expect(before).toEqual([0, 0, Number.POSITIVE_INFINITY, []]);
    expect(answers.length).toBeGreaterThan(960);
    expect(new Set(answers.map((p) => chunksOf(p)[0]?.type))).toEqual(new Set([ChunkType.initAck]));
  });

  test("INITs that name the addresses of an association: it is as it was", () => {
    const s = new Script();
    s.openFromPeer();
    const state = (): string =>
      JSON.stringify([s.endpoint.status(s.id), s.paths(), s.endpoint.audit(s.id)]);
    const before = state();
    const peer = IpAddress.parse("10.1.0.2");
    flood(s, 2048, () =>
      packetOf([chunk.init({ tag: random.nextU32() || 1 })], 0, peer, PEER_PORT),
    );
    expect(state()).toBe(before);
    expect(s.endpoint.associationCount).toBe(1);
  });

  test("forged COOKIE ECHOs: silence, nothing is kept", () => {
    const s = listening();
    expect(flood(s, 2048, forgedCookieEcho)).toEqual([]);
    expect(kept(s)).toEqual([0, 0, Number.POSITIVE_INFINITY, []]);
    expect(s.endpoint.counters.cookieForged).toBe(2048);
  });

  test("a genuine cookie replayed: one association, however often, from wherever", () => {
    const s = listening();
    const { cookie, vtag } = cookieFor(s, 7000);
    const echo = [chunk.cookieEcho(cookie)];
    flood(s, 1024, () => packetOf(echo, vtag, strangerAddress(), 7000));
    expect(s.endpoint.associationCount).toBe(1);
    expect(s.endpoint.audit(s.id)).toBeUndefined();
    expect(s.endpoint.paths(s.id)).toHaveLength(1);
  });

  test("a stale cookie: an ERROR each, nothing is kept", () => {
    const s = listening();
    const { cookie, vtag } = cookieFor(s, 7000);
    s.advance(60_001);
    const echo = [chunk.cookieEcho(cookie)];
    const answers = flood(s, 1024, () => packetOf(echo, vtag, strangerAddress(), 7000));
    expect(kept(s)).toEqual([0, 0, Number.POSITIVE_INFINITY, []]);
    expect(new Set(answers.map((p) => chunksOf(p)[0]?.type))).toEqual(new Set([ChunkType.error]));
    expect(s.endpoint.counters.cookieStale).toBe(1024);
  });

  test("12,000 INITs and COOKIE ECHOs leave no byte behind that counts", () => {
    setFlagsFromString("--expose-gc");
    const gc: () => void = runInNewContext("gc");
    const s = listening();
    const heap = (): number => {
      gc();
      return process.memoryUsage().heapUsed;
    };
    const both = (): PacketRef =>
      randomBelow(random, 2) === 0 ? forgedInit() : forgedCookieEcho();
    const spare = (): void => {
      for (let n = 0; n < 6000; n += BATCH) {
        s.hold(() => {
          for (let i = 0; i < BATCH; i++)
            s.endpoint.handle(s.now, { kind: "packet", packet: both() });
        });
        s.take();
      }
    };
    spare();
    const before = heap();
    spare();
    spare();
    // 100 bytes for each would be 1.2 MB
    expect(heap() - before).toBeLessThan(600_000);
  });
});

/** A client that really wants to connect, 10 ms away, while the flood goes on; ms until both are up. */
function connectThrough(
  options: SctpOptions,
  attack: (server: Script, batch: number) => PacketRef[],
): number {
  const server = listening(options);
  const client = new Script({ local: ["10.1.0.9"], peer: ["10.1.0.1"], sctp: options, seed: 12 });
  client.nowUs = server.nowUs;
  const begin = server.nowUs;
  const wire: { readonly at: number; readonly to: Script; readonly p: SentPacket }[] = [];
  const collect = (): void => {
    for (const [s, to] of [
      [server, client],
      [client, server],
    ] as const) {
      for (const p of s.take()) {
        if (p.remote === to.local[0]) wire.push({ at: s.nowUs + 10_000, to, p });
      }
    }
  };
  const connected = (s: Script): boolean =>
    s.events.some((e) => e.kind === "up" && s.endpoint.status(e.id)?.peerPort === PORT);
  client.endpoint.connect(client.now, {
    id: 1 as AssociationId,
    peerPort: PORT,
    pairs: [{ local: IpAddress.parse("10.1.0.9"), remote: IpAddress.parse("10.1.0.1") }],
    peerUdpPort: 0,
  });
  for (let ms = 0; ms < 3000; ms++) {
    collect();
    const attackers = attack(server, ms);
    server.hold(() => {
      for (const packet of attackers) {
        server.endpoint.handle(server.now, { kind: "packet", packet });
      }
      // the client's packet comes last in the batch
      while (wire[0] !== undefined && wire[0].at <= server.nowUs) {
        const { to, p } = wire.shift() as (typeof wire)[number];
        const packet = new PacketRef(p.bytes, p.view);
        packet.end = p.bytes.length;
        packet.remote = IpAddress.parse(p.local);
        packet.local = IpAddress.parse(p.remote);
        to.endpoint.handle(to.now, { kind: "packet", packet });
      }
    });
    for (const s of [server, client]) {
      s.nowUs += 1000;
      s.endpoint.handleTimeout(s.now);
    }
    collect();
    if (connected(client) && connected(server)) return (server.nowUs - begin) / 1000;
  }
  throw new Error("the client did not connect");
}

describe("a real client connects through it", () => {
  const times = (n: number, make: () => PacketRef): PacketRef[] => Array.from({ length: n }, make);
  const timings = ["fast", "rfc"] as const;

  test.each(timings)("64,000 INITs a second, %s timing: after two round trips", (timing) => {
    expect(connectThrough({ timing }, () => times(64, forgedInit))).toBeLessThan(50);
  });

  test.each(timings)("64,000 forged COOKIE ECHOs a second, %s timing", (timing) => {
    expect(connectThrough({ timing }, () => times(64, forgedCookieEcho))).toBeLessThan(50);
  });

  test("batches of INITs so large that answers are dropped: within a second all the same", () => {
    // The client's INIT comes behind more INITs than there is room for answers, and is not answered.
    const size = (batch: number): number => (batch >= 8 && batch <= 12 ? 1100 : 8);
    const took = connectThrough({ timing: "fast" }, (_, batch) => times(size(batch), forgedInit));
    expect(took).toBeGreaterThan(100);
    expect(took).toBeLessThan(1000);
  });

  test("one address that opens all it may: it is refused more, others are not", () => {
    const options = { maxAssociations: 40 };
    let ports = 20_000;
    const took = connectThrough(options, (server, batch) => {
      const sourcePort = ports++;
      const refused = packetOf(
        [chunk.init({ tag: 77 })],
        0,
        IpAddress.parse("10.66.0.6"),
        sourcePort,
      );
      if (batch >= 10) return [refused];
      const { cookie, vtag } = cookieFor(server, sourcePort);
      const from = IpAddress.parse("10.66.0.6");
      return [packetOf([chunk.cookieEcho(cookie)], vtag, from, sourcePort)];
    });
    expect(took).toBeLessThan(50);
  });
});

describe("RFC 9260 s12.2.4.3: associations of one peer", () => {
  const open = (s: Script, sourcePort: number, from: string): boolean => {
    const before = s.endpoint.associationCount;
    s.receive([chunk.init({ tag: 77 })], { vtag: 0, from, sourcePort });
    const answer = one(s.take());
    if (chunksOf(answer)[0]?.type !== ChunkType.initAck) {
      expect(answer.line).toBe("ABORT outOfResource");
      return false;
    }
    s.receive([chunk.cookieEcho(cookieOf(answer))], {
      vtag: answer.view.getUint32(16),
      from,
      sourcePort,
    });
    s.take();
    return s.endpoint.associationCount > before;
  };

  test("an address that has opened a quarter of what there may be is refused, others are not", () => {
    const s = listening({ maxAssociations: 12 });
    for (const port of [1, 2, 3]) expect(open(s, port, "10.66.0.6")).toBe(true);
    expect(open(s, 4, "10.66.0.6")).toBe(false);
    expect(open(s, 4, "10.66.0.7")).toBe(true);
    expect(s.endpoint.counters.initRefused).toBe(1);
  });

  test("cookies taken before the limit was reached do not pass it", () => {
    const s = listening({ maxAssociationsPerPeer: 2 });
    const cookies = [1, 2, 3, 4].map((port) => ({ port, ...cookieFor(s, port) }));
    for (const { port, cookie, vtag } of cookies) {
      s.receive([chunk.cookieEcho(cookie)], { vtag, from: "10.66.0.6", sourcePort: port });
    }
    expect(s.endpoint.associationCount).toBe(2);
  });

  test("an association that is over, and read, counts no longer", () => {
    const s = listening({ maxAssociationsPerPeer: 1 });
    expect(open(s, 1, "10.1.0.2")).toBe(true);
    const [first] = s.events.flatMap((e) => (e.kind === "up" ? [e.id] : []));
    if (first === undefined) throw new Error("not up");
    s.endpoint.abort(s.now, first);
    s.take();
    expect(open(s, 2, "10.1.0.2")).toBe(true);
  });

  test("ours do not count: only those that the peer opened", () => {
    const s = new Script({ sctp: { maxAssociationsPerPeer: 1 } });
    s.openToPeer();
    s.endpoint.listening = true;
    expect(open(s, 9, "10.1.0.2")).toBe(true);
  });
});
