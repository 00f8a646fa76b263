import { describe, expect, test } from "@jest/globals";
import { IpAddress } from "@multihome/base";
import { ChunkType } from "@multihome/wire";
import type { SctpOptions } from "../src/index.js";
import * as chunk from "./support/chunks.js";
import {
  chunksOf,
  cookieOf,
  PEER_PORT,
  PEER_TAG,
  PEER_TSN,
  PORT,
  Script,
  type SentPacket,
} from "./support/scripted-peer.js";
import { answerTo, initAckTo, listening, NEW_TAG } from "./support/setup.js";

// The attacks of RFC 5062, section by section. The attacker is the script's peer (10.1.0.2); the victim is
// 10.8.0.8, an address that he lists and does not hold.

const VICTIM = "10.8.0.8";

/** The attacker opens an association and lists the victim's address; what was sent then, unanswered. */
function camped(sctp: SctpOptions = {}, victims: readonly string[] = [VICTIM]) {
  const s = listening({ peer: ["10.1.0.2", ...victims], sctp });
  const cookie = cookieOf(initAckTo(s, s.peerInit()));
  s.receive([chunk.cookieEcho(cookie)]);
  return { s, cookie, sent: s.take() };
}

const toVictim = (packets: readonly SentPacket[], victims = [VICTIM]): SentPacket[] =>
  packets.filter((p) => victims.includes(p.remote));
const isHeartbeat = (p: SentPacket): boolean =>
  chunksOf(p).every((c) => c.type === ChunkType.heartbeat);

/** What a host with SCTP does with a packet of an association that it does not know. RFC 9260 s8.4 rule 8 */
const abortOf = (s: Script, p: SentPacket): void => {
  s.receive([chunk.abort(true)], { vtag: p.vtag, from: p.remote, to: p.local });
};
const sizes = (packets: readonly SentPacket[]): number =>
  packets.reduce((n, p) => n + p.bytes.length, 0);

describe("RFC 5062 s2: address camping", () => {
  test.each(["rfc", "fast"] as const)(
    "with %s timing the owner of the address is asked at once, and his ABORT frees it",
    (timing) => {
      const { s, sent } = camped({ timing });
      const [asked] = toVictim(sent);
      if (asked === undefined) throw new Error("the victim was not asked");
      expect(isHeartbeat(asked)).toBe(true);
      // until then he is refused: a restart that would add addresses (s2.1)
      const victimInit = chunk.init({ tag: NEW_TAG, addresses: [VICTIM, "10.8.1.8"] });
      expect(answerTo(s, victimInit, VICTIM).line).toMatch(/^ABORT restart/);
      abortOf(s, asked);
      expect(s.ended()?.kind).toBe("abortedByPeer");
      expect(answerTo(s, victimInit, VICTIM).line).toMatch(/^INIT ACK/);
    },
  );

  test("the victim's answer cannot be forged: its nonce is 64 random bits (s2.3)", () => {
    const { s, sent } = camped();
    const [asked] = toVictim(sent);
    if (asked === undefined) throw new Error("the victim was not asked");
    const at = chunksOf(asked)[0]?.at ?? 0;
    const nonce = asked.bytes.slice(at + 12, at + 20);
    expect(new Set(nonce).size).toBeGreaterThan(3);
    for (let i = 0; i < 8; i++) {
      const forged = asked.bytes.slice(at);
      forged[0] = ChunkType.heartbeatAck;
      forged[12 + i] = (forged[12 + i] ?? 0) ^ 0x10;
      s.receive([forged], { from: VICTIM });
    }
    expect(s.paths()).toContain(`10.1.0.1>${VICTIM} unconfirmed`);
  });
});

describe("RFC 5062 s3, s4: association hijacking", () => {
  test("neither tag of the association is in the cookie for a new INIT: Tie-Tags are nonces (s3.3)", () => {
    const s = new Script();
    s.openFromPeer();
    const old = s.tag;
    const initAck = answerTo(s, chunk.init({ tag: NEW_TAG }));
    const view = initAck.view;
    for (let i = 12; i + 4 <= initAck.bytes.length; i++) {
      expect([old, PEER_TAG]).not.toContain(view.getUint32(i));
    }
  });

  test("who takes the association over by a restart cannot do so unseen: the application is told (s4.3)", () => {
    const s = new Script();
    s.openFromPeer();
    const initAck = answerTo(s, chunk.init({ tag: NEW_TAG }));
    s.receive([chunk.cookieEcho(cookieOf(initAck))], { vtag: initAck.view.getUint32(16) });
    expect(s.takeEvents()).toContain("restarted");
  });

  test("who cannot receive at an address of the association has no cookie: an INIT alone changes nothing", () => {
    const s = new Script();
    s.openFromPeer();
    const before = JSON.stringify([s.endpoint.status(s.id), s.paths()]);
    for (let i = 0; i < 100; i++) s.receive([chunk.init({ tag: i + 1 })], { vtag: 0 });
    expect(JSON.stringify([s.endpoint.status(s.id), s.paths()])).toBe(before);
    expect(s.takeEvents()).toEqual([]);
  });
});

describe("blind masquerade (RFC 9260 s12.2.4.2)", () => {
  test("with the right tag, but from an address that the peer never listed: discarded, whatever it is", () => {
    const s = new Script();
    s.openFromPeer();
    s.endpoint.send(s.now, s.id, new Uint8Array(100));
    s.take();
    const before = JSON.stringify([s.endpoint.status(s.id), s.paths(), s.endpoint.pollTimeout()]);
    for (const part of [
      chunk.abort(),
      chunk.shutdown(s.tsn),
      chunk.data(PEER_TSN),
      chunk.sack(s.tsn),
      chunk.error(chunk.cause(3, new Uint8Array(4))),
      chunk.heartbeat(Uint8Array.of(1)),
      chunk.bare(ChunkType.shutdownAck),
      chunk.bare(0xff),
    ]) {
      s.receive([part], { from: "10.66.0.6" });
      expect(s.lines()).toEqual([]);
    }
    expect(JSON.stringify([s.endpoint.status(s.id), s.paths(), s.endpoint.pollTimeout()])).toBe(
      before,
    );
    expect(s.takeEvents()).toEqual([]);
    expect(s.endpoint.counters.unverifiedSource).toBe(8);
  });
});

describe("RFC 5062 s5: bombing with data", () => {
  test.each(["rfc", "fast"] as const)(
    "with %s timing no DATA ever goes to an address that has not answered, however the attacker acknowledges",
    (timing) => {
      const { s, sent } = camped({ timing });
      const all = [...sent];
      for (let i = 0; i < 40; i++) s.endpoint.send(s.now, s.id, new Uint8Array(1000));
      for (let round = 0; round < 30 && s.ended() === undefined; round++) {
        all.push(...s.take());
        // he lets it time out again and again, and acknowledges now and then
        s.advance(1500);
        if (round % 5 === 0) s.receive([chunk.sack((s.tsn + (round >> 2)) >>> 0)]);
      }
      all.push(...s.take());
      const bombs = toVictim(all);
      expect(bombs.length).toBeGreaterThan(0);
      expect(bombs.filter((p) => !isHeartbeat(p))).toEqual([]);
    },
  );

  test("ICMP Protocol Unreachable from the victim ends the association", () => {
    const { s, sent } = camped();
    const [asked] = toVictim(sent);
    if (asked === undefined) throw new Error("the victim was not asked");
    s.icmp(asked, "protocolUnreachable", { quoted: 8 });
    expect(s.ended()?.kind).toBe("abortedByPeer");
  });

  test("a SACK of what was not sent yet ends it, so TSNs cannot be guessed ahead", () => {
    const { s } = camped();
    s.endpoint.send(s.now, s.id, new Uint8Array(100));
    s.take();
    s.receive([chunk.sack((s.tsn + 1) >>> 0)]);
    expect(s.ended()?.kind).toBe("protocolViolation");
  });
});

describe("RFC 5062 s6: bombing with HEARTBEATs", () => {
  const victims = Array.from({ length: 15 }, (_, i) => `10.8.0.${i + 1}`);

  test("strict timing: one HEARTBEAT in an RTO, to whichever address (HB.Max.Burst)", () => {
    const { s, cookie, sent } = camped({ timing: "rfc" }, victims);
    expect(toVictim(sent, victims)).toHaveLength(1);
    s.advance(5000);
    expect(toVictim(s.take(), victims)).toHaveLength(5);
    // the cookie again, while the association is there: nothing to the victims
    s.receive([chunk.cookieEcho(cookie)]);
    expect(toVictim(s.take(), victims)).toEqual([]);
  });

  test("fast timing: four at once, together not three times the COOKIE ECHO; then one in an RTO", () => {
    const { s, cookie, sent } = camped({ timing: "fast" }, victims);
    const asked = toVictim(sent, victims);
    expect(asked).toHaveLength(4);
    expect(asked.every(isHeartbeat)).toBe(true);
    const echo = 20 + 12 + 4 + cookie.length;
    expect(sizes(asked) + 20 * asked.length).toBeLessThan(3 * echo);
    expect(s.endpoint.paths(s.id).length).toBe(16);
  });

  test("fast timing: each path that answers lets one more be asked", () => {
    const { s, sent } = camped({ timing: "fast" }, victims);
    let asked = toVictim(sent, victims);
    for (let i = 0; i < 4; i++) {
      s.answerHeartbeats(asked);
      asked = toVictim(s.take(), victims);
      const unproved = asked.filter((p) => s.paths().includes(`${p.route} unconfirmed`));
      expect(unproved.length).toBe(i < 2 ? 4 : i === 2 ? 3 : 0);
    }
  });

  test("the association gone by the victim's ABORT, the same cookie brings the same few about", () => {
    const { s, cookie, sent } = camped({ timing: "fast" }, victims);
    const [asked] = toVictim(sent, victims);
    if (asked === undefined) throw new Error("nobody was asked");
    abortOf(s, asked);
    expect(s.ended()).toBeDefined();
    s.receive([chunk.cookieEcho(cookie)]);
    const again = toVictim(s.take(), victims);
    expect(again).toHaveLength(4);
    for (const p of again) abortOf(s, p);
    s.take();
    // no longer than the cookie lives
    s.advance(60_001);
    s.receive([chunk.cookieEcho(cookie)]);
    expect(s.lines()).toEqual([expect.stringMatching(/^ERROR staleCookie/)]);
  });

  test("HEARTBEATs are small: 44 bytes", () => {
    const { sent } = camped();
    expect(toVictim(sent).map((p) => p.bytes.length)).toEqual([44]);
  });
});

describe("RFC 5062 s7: association redirection", () => {
  test("a cookie for another source port, another of our ports, or another tag is discarded in silence", () => {
    const s = listening();
    const cookie = cookieOf(initAckTo(s, s.peerInit()));
    const echo = [chunk.cookieEcho(cookie)];
    s.receive(echo, { sourcePort: PEER_PORT + 1 });
    s.receive(echo, { destinationPort: PORT + 1 });
    s.receive(echo, { vtag: s.tag ^ 1 });
    expect(s.lines()).toEqual([]);
    expect(s.endpoint.associationCount).toBe(0);
    // another endpoint of the host does not even share the key
    const other = listening({ seed: 8 });
    other.receive(echo, { vtag: s.tag });
    expect(other.endpoint.counters.cookieForged).toBe(1);
    s.receive(echo);
    expect(s.endpoint.associationCount).toBe(1);
  });
});

describe("RFC 5062 s8, s10: many packets for one", () => {
  const opened = (sctp: SctpOptions = {}): Script => {
    const s = new Script({ sctp });
    s.openFromPeer();
    return s;
  };
  const floods: readonly [string, () => Uint8Array[]][] = [
    ["unknown chunks to be reported", () => Array.from({ length: 300 }, () => chunk.bare(0xff))],
    ["HEARTBEATs", () => Array.from({ length: 100 }, () => chunk.heartbeat(new Uint8Array(4)))],
    ["SHUTDOWNs", () => Array.from({ length: 150 }, () => chunk.shutdown(0))],
    ["COOKIE ACKs", () => Array.from({ length: 300 }, () => chunk.bare(ChunkType.cookieAck))],
    [
      "DATA for streams that do not exist",
      () => Array.from({ length: 60 }, (_, i) => chunk.data(PEER_TSN + i, { stream: 9000 })),
    ],
    ["duplicates", () => Array.from({ length: 60 }, () => chunk.data(PEER_TSN - 1))],
  ];

  test.each(floods)("one packet full of %s: at most one with answers, and a SACK", (_, make) => {
    const s = opened();
    const parts = make().map((p) => (p[0] === ChunkType.shutdown ? chunk.shutdown(s.tsn - 1) : p));
    s.receive(parts);
    const answers = s.take();
    const notSack = answers.filter((p) => chunksOf(p).some((c) => c.type !== ChunkType.sack));
    expect(notSack.length).toBeLessThanOrEqual(1);
    expect(answers.length).toBeLessThanOrEqual(2);
    for (const p of answers) expect(20 + p.bytes.length).toBeLessThanOrEqual(1500);
  });

  test("with a path MTU cut down by ICMP what does not fit into one packet is dropped (s10.3)", () => {
    const s = opened();
    s.endpoint.send(s.now, s.id, new Uint8Array(100));
    const [data] = s.take();
    if (data === undefined) throw new Error("no DATA");
    s.tooBig(data, 576);
    s.take();
    s.receive(Array.from({ length: 60 }, () => chunk.heartbeat(new Uint8Array(16))));
    const answers = s.take();
    expect(answers).toHaveLength(1);
    expect(20 + (answers[0]?.bytes.length ?? 0)).toBeLessThanOrEqual(576);
    expect(s.endpoint.counters.repliesDropped).toBeGreaterThan(0);
  });

  test("forged ICMP, with another tag, changes no path MTU", () => {
    const s = opened();
    const quoted = new Uint8Array(8);
    const view = new DataView(quoted.buffer);
    view.setUint16(0, PORT);
    view.setUint16(2, PEER_PORT);
    view.setUint32(4, PEER_TAG ^ 1);
    s.endpoint.handle(s.now, {
      kind: "icmp",
      notice: {
        kind: "packetTooBig",
        mtu: 576,
        local: IpAddress.parse("10.1.0.1"),
        remote: IpAddress.parse("10.1.0.2"),
        remotePort: 0,
        quoted,
      },
    });
    expect(s.endpoint.paths(s.id)[0]?.pathMtu).toBe(1500);
    expect(s.endpoint.counters.icmpIgnored).toBe(1);
  });
});
