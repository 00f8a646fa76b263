import { describe, expect, test } from "@jest/globals";
import { ChunkType, ParameterType, SCTP_HEADER_LENGTH } from "@multihome/wire";
import * as chunk from "./support/chunks.js";
import { cookieOf, PEER_TAG, Script } from "./support/scripted-peer.js";
import { inCookieWait, initAckTo, listening, one } from "./support/setup.js";

describe("RFC 9260 s5.1.2: addresses", () => {
  test("rule A: none listed, the source is the only one", () => {
    const s = listening({ peer: ["10.1.0.2"] });
    s.openFromPeer();
    expect(s.paths()).toEqual(["*10.1.0.1>10.1.0.2 active"]);
  });

  test("rule C: the listed ones and the source", () => {
    const s = listening({ local: ["10.1.0.1"] });
    const initAck = initAckTo(s, chunk.init({ addresses: ["10.2.0.2", "10.3.0.2"] }));
    s.receive([chunk.cookieEcho(cookieOf(initAck))]);
    expect(s.paths()).toEqual([
      "*10.1.0.1>10.1.0.2 active",
      "10.1.0.1>10.2.0.2 unconfirmed",
      "10.1.0.1>10.3.0.2 unconfirmed",
    ]);
  });

  test("addresses that nobody can have are not used", () => {
    const s = listening();
    const initAck = initAckTo(
      s,
      chunk.init({
        addresses: ["224.0.0.1", "255.255.255.255", "0.0.0.0", "127.0.0.1", "ff02::1"],
      }),
    );
    s.receive([chunk.cookieEcho(cookieOf(initAck))]);
    expect(s.paths()).toEqual(["*10.1.0.1>10.1.0.2 active"]);
  });

  test("no more addresses are looked at than allowed", () => {
    const s = listening({ sctp: { maxPeerAddresses: 3 } });
    const addresses = Array.from({ length: 60 }, (_, i) => `10.3.0.${i + 1}`);
    const initAck = initAckTo(s, chunk.init({ addresses }));
    s.receive([chunk.cookieEcho(cookieOf(initAck))]);
    expect(s.paths()).toHaveLength(4);
  });

  test("a packet from an address that was never listed is not a path of the association", () => {
    const s = new Script();
    s.openFromPeer();
    s.receive([chunk.heartbeat(Uint8Array.of(1))], { from: "10.66.0.6" });
    expect(s.lines()).toEqual([]);
    expect(s.paths()).toHaveLength(1);
    expect(s.endpoint.counters.unverifiedSource).toBe(1);
  });

  const hostName = chunk.param(ParameterType.hostNameAddress, Uint8Array.of(122, 0, 0, 0));

  test("rule B: an INIT with a host name is answered with ABORT, Unresolvable Address", () => {
    const s = listening();
    s.receive([chunk.init({ tag: 77, parameters: [hostName] })], { vtag: 0 });
    const abort = one(s.take());
    expect(abort.vtag).toBe(77);
    expect([...abort.bytes.slice(SCTP_HEADER_LENGTH)]).toEqual([
      6, 0, 0, 16, 0, 5, 0, 12, 0, 11, 0, 8, 122, 0, 0, 0,
    ]);
  });

  test("rule B: an INIT ACK with a host name is answered with ABORT, and the attempt ends", () => {
    const s = new Script();
    s.connect();
    s.readNumbers(one(s.take()));
    s.receive([chunk.init({ tag: 77, cookie: Uint8Array.of(1), parameters: [hostName] })]);
    const abort = one(s.take());
    expect(abort.line).toMatch(/^ABORT unresolvableAddress/);
    expect(abort.vtag).toBe(77);
    expect(s.ended()?.kind).toBe("setupFailed");
  });

  test("rule D: an INIT that lists an address of an association belongs to it", () => {
    const s = new Script({ peer: ["10.1.0.2", "10.2.0.2"] });
    s.openFromPeer();
    s.receive([chunk.init({ tag: 9, addresses: ["10.2.0.2"] })], { vtag: 0, from: "10.9.0.9" });
    // It adds an address: refused (s5.2.2). A new association would be welcome.
    expect(s.lines()).toEqual(["ABORT restartWithNewAddresses(10.9.0.9)"]);
  });

  test("our addresses are listed when there are several, and those that the peer can reach", () => {
    const s = listening({ local: ["10.1.0.1", "10.2.0.1", "2001:db8::1", "127.0.0.1", "fe80::1"] });
    expect(initAckTo(s, s.peerInit()).line).toMatch(
      / 10\.1\.0\.1 10\.2\.0\.1 2001:db8::1 stateCookie/,
    );
    const single = listening({ local: ["10.1.0.1", "127.0.0.1"] });
    expect(initAckTo(single, single.peerInit()).line).not.toContain("10.1.0.1");
  });

  test("no addresses are listed where that is switched off (RFC 6951 s5.7)", () => {
    const s = listening({ local: ["10.1.0.1", "10.2.0.1"], sctp: { advertiseAddresses: false } });
    expect(initAckTo(s, s.peerInit()).line).not.toContain("10.2.0.1");
    s.connect();
    expect(one(s.take()).line).not.toContain("10.2.0.1");
  });

  test("a peer that supports IPv4 only is told IPv4 addresses only; what it uses counts as supported", () => {
    const types = (...t: readonly number[]): Uint8Array =>
      chunk.param(ParameterType.supportedAddressTypes, Uint8Array.from(t.flatMap((x) => [0, x])));
    const local = ["10.1.0.1", "10.2.0.1", "2001:db8::1"];
    const v4 = listening({ local });
    expect(initAckTo(v4, chunk.init({ parameters: [types(5)] })).line).not.toContain("2001:db8");
    const v6 = listening({ local });
    expect(initAckTo(v6, chunk.init({ parameters: [types(6)] })).line).toMatch(
      /10\.2\.0\.1 2001:db8::1/,
    );
    const listed = listening({ local });
    const init = chunk.init({ parameters: [types(5)], addresses: ["2001:db8::2"] });
    expect(initAckTo(listed, init).line).toContain("2001:db8::1");
  });

  test("our INIT says that we take both families", () => {
    const s = new Script();
    s.connect();
    expect(one(s.take()).line).toMatch(/supportedAddressTypes/);
  });

  // RFC 9260 s5.1.2 rule C wants only listed addresses to be used. Those that the application gave stay,
  // unconfirmed: an answer with their nonce proves that the same peer is there, also behind a NAT that
  // keeps it from listing them.
  test("a given address that the peer does not list stays, and carries nothing until it is verified", () => {
    const s = new Script({ local: ["10.1.0.1", "10.2.0.1"], peer: ["10.1.0.2", "10.2.0.2"] });
    s.connect();
    s.readNumbers(one(s.take()));
    s.receive([chunk.init({ cookie: Uint8Array.of(1, 2, 3, 4) })]);
    s.take();
    s.receive([chunk.bare(ChunkType.cookieAck)]);
    expect(s.paths()).toContain("10.2.0.1>10.2.0.2 unconfirmed");
    s.advanceAnswering(10_000);
    expect(s.paths()).toContain("10.2.0.1>10.2.0.2 active");
  });

  test("an INIT ACK: rule A, its source is the only address where none are listed", () => {
    const { s } = inCookieWait();
    s.receive([s.peerInitAck()]);
    s.receive([chunk.bare(ChunkType.cookieAck)]);
    expect(s.paths()).toEqual(["*10.1.0.1>10.1.0.2 active"]);
  });

  test("an INIT ACK: rule C, the listed ones and its source", () => {
    const { s } = inCookieWait();
    s.receive([chunk.init({ tag: PEER_TAG, cookie: Uint8Array.of(1), addresses: ["10.2.0.2"] })]);
    s.take();
    s.receive([chunk.bare(ChunkType.cookieAck)]);
    expect(s.paths()).toEqual(["*10.1.0.1>10.1.0.2 active", "10.1.0.1>10.2.0.2 unconfirmed"]);
  });

  test("rule B: the ABORT goes to where the INIT came from", () => {
    const s = listening();
    s.receive([chunk.init({ tag: 77, addresses: ["10.8.0.8"], parameters: [hostName] })], {
      vtag: 0,
      from: "10.9.0.9",
    });
    expect(one(s.take()).route).toBe("10.1.0.1>10.9.0.9");
  });

  test("with addresses of one family, those of the other are left out, and nothing is said of it", () => {
    for (const [local, peer, usable] of [
      ["10.1.0.1", "10.1.0.2", "10.2.0.2"],
      ["2001:db8::1", "2001:db8::2", "2001:db8:2::2"],
    ] as const) {
      const s = listening({ local: [local], peer: [peer] });
      const addresses = ["10.2.0.2", "2001:db8:2::2"];
      const initAck = initAckTo(s, chunk.init({ addresses }));
      expect(initAck.line).toMatch(/^INIT ACK/);
      s.receive([chunk.cookieEcho(cookieOf(initAck))]);
      expect(s.paths()).toEqual([`*${local}>${peer} active`, `${local}>${usable} unconfirmed`]);
      const t = new Script({ local: [local], peer: [peer] });
      t.connect();
      t.readNumbers(one(t.take()));
      t.receive([chunk.init({ tag: PEER_TAG, cookie: Uint8Array.of(1), addresses })]);
      expect(t.chunkTypes()).toEqual([[ChunkType.cookieEcho]]);
      t.receive([chunk.bare(ChunkType.cookieAck)]);
      expect(t.paths()).toEqual([`*${local}>${peer} active`, `${local}>${usable} unconfirmed`]);
    }
  });

  test("Host Name Address among the supported types counts for nothing (s3.3.2.1.5)", () => {
    const types = Uint8Array.of(0, 11, 0, 5);
    const s = listening({ local: ["10.1.0.1", "10.2.0.1", "2001:db8::1"] });
    const initAck = initAckTo(
      s,
      chunk.init({ parameters: [chunk.param(ParameterType.supportedAddressTypes, types)] }),
    );
    expect(initAck.line).toMatch(/^INIT ACK .* 10\.1\.0\.1 10\.2\.0\.1 stateCookie/);
  });
});
