import { fc, test as propertyTest } from "@fast-check/jest";
import { describe, expect, test } from "@jest/globals";
import { IpAddress } from "@multihome/base";
import { ChunkType, ParameterType, SCTP_HEADER_LENGTH } from "@multihome/wire";
import { isUnicast } from "../src/init-parameters.js";
import * as chunk from "./support/chunks.js";
import {
  chunksOf,
  cookieOf,
  Script,
  type ScriptOptions,
  type SentPacket,
} from "./support/scripted-peer.js";

// Who has not shown that it receives at its address may be somebody else, who is to be hurt: an answer is
// never larger than the question. The INIT ACK has a bound of its own. RFC 5062 s8, s9; RFC 9260 s12.4

const STRANGER = "10.66.0.6";
const IP_HEADER = 20;

const sizeOf = (parts: readonly Uint8Array[]): number =>
  SCTP_HEADER_LENGTH + parts.reduce((n, p) => n + p.length, 0);

/** What a packet from somewhere brought about: sizes of SCTP packets. */
function ask(
  s: Script,
  parts: readonly Uint8Array[],
  o: { readonly vtag: number; readonly from?: string; readonly to?: string },
): { readonly sent: number; readonly answers: SentPacket[] } {
  s.take();
  s.receive(parts, { from: STRANGER, ...o });
  return { sent: sizeOf(parts), answers: s.take() };
}

const listening = (o: ScriptOptions = {}): Script => {
  const s = new Script(o);
  s.endpoint.listening = true;
  return s;
};

const unknownParameters = (n: number, size = 0): Uint8Array[] =>
  Array.from({ length: n }, (_, i) => chunk.param(0xc100 + i, new Uint8Array(size)));

describe("what is answered to a packet out of the blue", () => {
  const kinds: [string, Uint8Array[], number][] = [
    ["an unknown chunk to be reported, bare", [chunk.bare(0xff)], 16],
    ["many of them", Array.from({ length: 300 }, () => chunk.bare(0xff)), 16],
    ["an unknown chunk that stops", [chunk.bare(0x3e)], 16],
    ["HEARTBEAT, bare", [chunk.bare(ChunkType.heartbeat)], 16],
    ["a long HEARTBEAT", [chunk.heartbeat(new Uint8Array(1000))], 16],
    ["DATA", [chunk.data(1)], 16],
    ["SACK", [chunk.sack(1)], 16],
    ["ERROR", [chunk.error(chunk.cause(1))], 16],
    ["SHUTDOWN", [chunk.shutdown(1)], 16],
    ["SHUTDOWN ACK", [chunk.bare(ChunkType.shutdownAck)], 16],
    ["a chunk cut in the middle, behind another", [chunk.bare(0xff), Uint8Array.of(1, 2, 0)], 16],
    ["ABORT", [chunk.abort()], 0],
    ["SHUTDOWN COMPLETE", [chunk.bare(ChunkType.shutdownComplete)], 0],
    ["COOKIE ACK", [chunk.bare(ChunkType.cookieAck)], 0],
    ["a forged COOKIE ECHO", [chunk.cookieEcho(new Uint8Array(80))], 0],
    ["ERROR, Stale Cookie", [chunk.error(chunk.cause(3, new Uint8Array(4)))], 0],
    ["INIT ACK", [chunk.init({ ack: true })], 16],
  ];
  test.each(kinds)("%s: one packet of no more bytes, or none", (_, parts, expected) => {
    for (const open of [false, true]) {
      const s = new Script();
      s.endpoint.listening = open;
      const { sent, answers } = ask(s, parts, { vtag: 99 });
      expect(answers.map((p) => p.bytes.length)).toEqual(expected === 0 ? [] : [expected]);
      expect(expected).toBeLessThanOrEqual(sent);
    }
  });
});

describe("what an INIT that is refused is answered with", () => {
  const host = chunk.param(ParameterType.hostNameAddress, new Uint8Array(250));
  test.each([
    ["nobody listens", false, [chunk.init({})]],
    ["a mandatory field is wrong", true, [chunk.init({ os: 0 })]],
    ["a host name, which is quoted", true, [chunk.init({ parameters: [host] })]],
    ["a host name without a name", true, [chunk.init({ parameters: [chunk.param(11)] })]],
  ])("%s: an ABORT that is smaller", (_, open, parts) => {
    const s = new Script();
    s.endpoint.listening = open;
    const { sent, answers } = ask(s, parts, { vtag: 0 });
    expect(answers.map((p) => chunksOf(p).map((c) => c.type))).toEqual([[ChunkType.abort]]);
    expect(answers[0]?.bytes.length).toBeLessThanOrEqual(sent);
  });

  test("a restart with new addresses, which are quoted: not larger, whatever is listed", () => {
    const s = new Script();
    s.openFromPeer();
    for (let n = 0; n <= 15; n++) {
      for (const family of [4, 6]) {
        const listed = Array.from({ length: n }, (_, i) =>
          family === 4 ? `10.7.0.${i + 1}` : `2001:db8::${i + 1}`,
        );
        const parts = [chunk.init({ addresses: ["10.1.0.2", ...listed] })];
        const { sent, answers } = ask(s, parts, { vtag: 0 });
        expect(answers.map((p) => p.line)).toEqual([expect.stringMatching(/^ABORT restart/)]);
        expect(answers[0]?.bytes.length).toBeLessThanOrEqual(sent);
      }
    }
  });

  test("a stale cookie, a genuine one without room: an answer smaller than the cookie", () => {
    const s = listening({ sctp: { maxAssociations: 1 } });
    const { answers } = ask(s, [chunk.init({ tag: 5 })], { vtag: 0 });
    const [initAck] = answers;
    if (initAck === undefined) throw new Error("no INIT ACK");
    s.readNumbers(initAck);
    const echo = [chunk.cookieEcho(cookieOf(initAck))];
    const vtag = s.tag;
    s.openFromPeer();
    const full = ask(s, echo, { vtag });
    expect(full.answers.map((p) => p.line)).toEqual(["ABORT outOfResource"]);
    expect(full.answers[0]?.bytes.length).toBeLessThanOrEqual(full.sent);
    s.advance(61_000);
    const stale = ask(s, echo, { vtag });
    expect(stale.answers.map((p) => p.bytes.length)).toEqual([24]);
    expect(stale.sent).toBeGreaterThan(24);
  });
});

describe("the INIT ACK", () => {
  const pair = { from: STRANGER };

  test("exact sizes for an INIT that lists nothing", () => {
    // common header 12, INIT ACK 20, State Cookie 4 + 60; IPv6 addresses take 12 bytes more in the cookie
    const smallest = ask(listening(), [chunk.init({})], { vtag: 0, ...pair });
    expect([smallest.sent, smallest.answers[0]?.bytes.length]).toEqual([32, 96]);
    const six = { local: ["2001:db8::1"], peer: ["2001:db8::2"] };
    const of6 = ask(listening(six), [chunk.init({})], { vtag: 0, from: "2001:db8::2" });
    expect([of6.sent, of6.answers[0]?.bytes.length]).toEqual([32, 108]);
  });

  test("an INIT of this stack is padded: it is larger than the INIT ACK of a server with 8 addresses", () => {
    const client = new Script({ local: ["10.1.0.2"], peer: ["10.1.0.1"] });
    client.connect();
    const [init] = client.take();
    if (init === undefined) throw new Error("no INIT");
    expect(init.bytes.length).toBe(256);
    const local = Array.from({ length: 8 }, (_, i) => `10.1.0.${20 + i}`);
    const server = listening({ local });
    const { answers } = ask(server, [init.bytes.slice(12)], { vtag: 0 });
    expect(answers[0]?.bytes.length).toBe(96 + 8 * 8);
  });

  test("our addresses are listed as far as three times the INIT allows, the one it leaves from last", () => {
    const local = Array.from({ length: 16 }, (_, i) => `2001:db8::${i + 1}`);
    const s = listening({ local, peer: ["2001:db8:1::1"] });
    const { sent, answers } = ask(s, [chunk.init({})], { vtag: 0, from: "2001:db8:1::1" });
    const [initAck] = answers;
    if (initAck === undefined) throw new Error("no INIT ACK");
    const listed = initAck.line.match(/2001:db8::\w+/g) ?? [];
    expect(40 + initAck.bytes.length).toBeLessThanOrEqual(3 * (40 + sent));
    // one more would not have fitted
    expect(40 + initAck.bytes.length + 20).toBeGreaterThan(3 * (40 + sent));
    expect(listed).not.toContain("2001:db8::1");
    s.readNumbers(initAck);
    s.receive([chunk.cookieEcho(cookieOf(initAck))]);
    expect(s.endpoint.associationCount).toBe(1);
  });

  test("unknown parameters are reported as far as it allows (RFC 9260 s12.4)", () => {
    for (const n of [1, 4, 30, 250]) {
      const parts = [chunk.init({ parameters: unknownParameters(n) })];
      const { sent, answers } = ask(listening(), parts, { vtag: 0 });
      expect(answers).toHaveLength(1);
      const size = IP_HEADER + (answers[0]?.bytes.length ?? 0);
      expect(size).toBeLessThanOrEqual(3 * (IP_HEADER + sent));
      expect(size).toBeLessThanOrEqual(1500);
    }
    const one = ask(listening(), [chunk.init({ parameters: unknownParameters(1) })], { vtag: 0 });
    expect(one.answers[0]?.bytes.length).toBe(96 + 8);
  });

  propertyTest.prop([
    fc.array(fc.tuple(fc.nat({ max: 0xffff }), fc.nat({ max: 60 })), { maxLength: 40 }),
    fc.nat({ max: 16 }),
    fc.constantFrom(1, 1.5, 3, 10),
    fc.boolean(),
  ])(
    "is never larger than the option allows, whatever the INIT holds; 1 means never larger than the INIT",
    (parameters, addresses, maxInitAckRatio, udp) => {
      const local = Array.from({ length: addresses + 1 }, (_, i) => `10.1.0.${i + 1}`);
      const s = listening({ local, udp, sctp: { maxInitAckRatio } });
      const parts = [
        chunk.init({ parameters: parameters.map(([t, n]) => chunk.param(t, new Uint8Array(n))) }),
      ];
      const { sent, answers } = ask(s, parts, { vtag: 0 });
      const headers = IP_HEADER + (udp ? 8 : 0);
      expect(answers.length).toBeLessThanOrEqual(1);
      const [answer] = answers;
      if (answer === undefined) return;
      expect(headers + answer.bytes.length).toBeLessThanOrEqual(maxInitAckRatio * (headers + sent));
    },
  );

  test("with maxInitAckRatio 1 a padded INIT is answered, a small one refused with Out of Resource", () => {
    const s = listening({ sctp: { maxInitAckRatio: 1 } });
    const small = ask(s, [chunk.init({})], { vtag: 0 });
    expect(small.answers.map((p) => [p.line, p.bytes.length])).toEqual([
      ["ABORT outOfResource", 20],
    ]);
    expect(s.endpoint.counters.initRefused).toBe(1);
    const padding = chunk.param(ParameterType.padding, new Uint8Array(60));
    const padded = ask(s, [chunk.init({ parameters: [padding] })], { vtag: 0 });
    expect(padded.answers.map((p) => p.bytes.length)).toEqual([96]);
    expect(padded.sent).toBe(96);
    // RFC 4820 s4: the cookie does not depend on the padding
    const [answer] = padded.answers;
    if (answer === undefined) throw new Error("no INIT ACK");
    expect(cookieOf(answer)).toHaveLength(60);
  });
});

describe("anything at all from a stranger", () => {
  const types = fc.oneof(fc.constantFrom(...Object.values(ChunkType)), fc.nat({ max: 255 }));
  const part = fc
    .tuple(types, fc.nat({ max: 255 }), fc.uint8Array({ maxLength: 60 }))
    .map(([type, flags, value]) => chunk.around(type, flags, value));
  const states = fc.constantFrom("closed", "listening", "established", "cookieWait");

  propertyTest.prop([
    states,
    fc.array(part, { minLength: 1, maxLength: 20 }),
    fc.oneof(fc.constant(0), fc.nat(0xffff_ffff)),
    fc.constantFrom(STRANGER, "10.1.0.2", "224.0.0.1", "255.255.255.255"),
  ])(
    "brings at most one packet about, to where it came from, and not a larger one",
    (state, parts, tag, from) => {
      const s = new Script();
      if (state === "listening") s.endpoint.listening = true;
      if (state === "established") s.openFromPeer();
      if (state === "cookieWait") {
        s.connect();
        s.readNumbers(s.take()[0] as SentPacket);
      }
      const vtag = tag === s.tag ? 1 : tag;
      const { sent, answers } = ask(s, parts, { vtag, from });
      expect(answers.length).toBeLessThanOrEqual(isUnicast(IpAddress.parse(from)) ? 1 : 0);
      for (const a of answers) {
        expect(a.remote).toBe(from);
        const initAck = chunksOf(a)[0]?.type === ChunkType.initAck;
        expect(IP_HEADER + a.bytes.length).toBeLessThanOrEqual(
          (initAck ? 3 : 1) * (IP_HEADER + sent),
        );
      }
    },
  );
});
