import { describe, expect, test } from "@jest/globals";
import { IpAddress } from "@multihome/base";
import type { IcmpNotice, SctpOptions } from "../src/index.js";
import * as chunk from "./support/chunks.js";
import { cookieOf, Script, type SentPacket } from "./support/scripted-peer.js";

// ICMP1 to ICMP4 say which messages may be ignored: what is left of them comes as one of three kinds. Port
// Unreachable (ICMP3) comes only where UDP carries SCTP, as protocolUnreachable (RFC 6951 s5.5).

const opened = (sctp: SctpOptions = {}, paths = 1): Script => {
  const s = new Script({
    local: ["10.1.0.1", "10.2.0.1"].slice(0, paths),
    peer: ["10.1.0.2", "10.2.0.2"].slice(0, paths),
    sctp: { maxPaths: paths, ...sctp },
  });
  s.openFromPeer();
  if (paths > 1) s.advanceAnswering(10_000);
  return s;
};

const one = (packets: readonly SentPacket[]): SentPacket => {
  const [packet] = packets;
  if (packet === undefined || packets.length > 1) throw new Error(`${packets.length} packets`);
  return packet;
};

const sent = (s: Script, n = 1000): SentPacket => {
  s.endpoint.send(s.now, s.id, new Uint8Array(n));
  return one(s.take());
};

const KINDS: readonly IcmpNotice["kind"][] = ["unreachable", "protocolUnreachable", "packetTooBig"];

const unchanged = (s: Script): void => {
  s.drain();
  expect(s.endpoint.counters.icmpIgnored).toBeGreaterThan(0);
  expect(s.endpoint.counters.icmpAccepted).toBe(0);
  expect(s.takeEvents()).toEqual([]);
  expect(s.endpoint.paths(s.id)[0]).toMatchObject({ pathMtu: 1500, errorCount: 0 });
};

describe("RFC 9260 s10 ICMP5: the association is found by what is quoted", () => {
  test.each(KINDS)("%s about a packet of nobody is ignored", (kind) => {
    const s = opened();
    const p = sent(s);
    s.icmp({ ...p, remote: "10.9.0.9" }, kind, { mtu: 1000 });
    const port = p.bytes.slice();
    port[3] = (port[3] ?? 0) ^ 1;
    s.icmp({ ...p, bytes: port }, kind, { mtu: 1000 });
    unchanged(s);
  });

  test("a quote that is too short for tag and ports is ignored", () => {
    const s = opened();
    const p = sent(s);
    for (const quoted of [0, 4, 7]) s.icmp(p, "packetTooBig", { mtu: 1000, quoted });
    unchanged(s);
  });

  test("8 bytes are enough", () => {
    const s = opened();
    s.icmp(sent(s), "packetTooBig", { mtu: 1000, quoted: 8 });
    expect(s.endpoint.paths(s.id)[0]?.pathMtu).toBe(1000);
    expect(s.endpoint.counters.icmpAccepted).toBe(1);
  });
});

describe("RFC 9260 s10 ICMP6: the tag must be the peer's", () => {
  test.each(KINDS)("%s with another tag is ignored", (kind) => {
    const s = opened();
    const p = sent(s);
    const forged = p.bytes.slice();
    forged[7] = (forged[7] ?? 0) ^ 1;
    s.icmp({ ...p, bytes: forged }, kind, { mtu: 1000 });
    unchanged(s);
  });

  test("tag 0 needs an INIT with our tag; one that is cut before it is ignored", () => {
    const s = new Script();
    s.connect();
    const init = one(s.take());
    s.icmp(init, "protocolUnreachable", { quoted: 19 });
    const other = init.bytes.slice();
    other[16] = (other[16] ?? 0) ^ 1;
    s.icmp({ ...init, bytes: other }, "protocolUnreachable");
    const data = init.bytes.slice();
    data[12] = 0;
    s.icmp({ ...init, bytes: data }, "protocolUnreachable");
    expect(s.ended()).toBeUndefined();
    expect(s.endpoint.counters.icmpIgnored).toBe(3);
  });
});

describe("RFC 9260 s10 ICMP7: Packet Too Big, Fragmentation Needed", () => {
  test("the path MTU goes down, and what is cut from then on is smaller", () => {
    const s = opened();
    s.tooBig(sent(s), 1000);
    s.receive([chunk.sack(s.tsn)]);
    s.endpoint.send(s.now, s.id, new Uint8Array(1400));
    expect(s.take().map((p) => p.bytes.length)).toEqual([980, 476]);
    expect(s.endpoint.status(s.id)?.state).toBe("established");
  });

  test("never up, never below the least of the family (RFC 1191 s3, RFC 8201 s4)", () => {
    const s = opened();
    const p = sent(s);
    s.tooBig(p, 1000);
    s.tooBig(p, 1400);
    expect(s.endpoint.paths(s.id)[0]?.pathMtu).toBe(1000);
    s.tooBig(p, 68);
    expect(s.endpoint.paths(s.id)[0]?.pathMtu).toBe(576);
    const v6 = new Script({ local: ["2001:db8::1"], peer: ["2001:db8::2"] });
    v6.openFromPeer();
    v6.tooBig(sent(v6), 600);
    expect(v6.endpoint.paths(v6.id)[0]?.pathMtu).toBe(1280);
  });

  test("each path has its own; messages are cut for the smallest (AMDCS, s7.3)", () => {
    const s = opened({}, 2);
    s.endpoint.setPrimary(s.now, s.id, s.endpoint.paths(s.id)[1]?.id ?? -1);
    s.tooBig(sent(s), 800);
    expect(s.endpoint.paths(s.id).map((p) => p.pathMtu)).toEqual([1500, 800]);
    s.endpoint.setPrimary(s.now, s.id, s.endpoint.paths(s.id)[0]?.id ?? -1);
    s.endpoint.send(s.now, s.id, new Uint8Array(2000));
    const lengths = s
      .take()
      .flatMap((p) => [...p.line.matchAll(/len=(\d+)/g)].map((m) => Number(m[1])));
    expect(lengths).toEqual([752, 752, 496]);
  });
});

describe("RFC 9260 s10 ICMP8: Protocol Unreachable", () => {
  test("is like an ABORT with the T bit", () => {
    const s = opened();
    s.icmp(sent(s), "protocolUnreachable");
    expect(s.ended()).toEqual({ kind: "abortedByPeer", causeCodes: [], reason: undefined });
    expect(s.lines()).toEqual([]);
    expect(s.endpoint.associationCount).toBe(0);
  });

  test("about an INIT in COOKIE-WAIT: the attempt ends", () => {
    const s = new Script();
    s.connect();
    s.icmp(one(s.take()), "protocolUnreachable");
    expect(s.ended()).toEqual({ kind: "setupFailed", detail: expect.stringContaining("10.1.0.2") });
  });

  test("about an INIT later: ignored", () => {
    const s = new Script();
    s.connect();
    const init = one(s.take());
    s.readNumbers(init);
    s.receive([s.peerInitAck()]);
    s.take();
    s.icmp(init, "protocolUnreachable");
    expect(s.ended()).toBeUndefined();
    expect(s.endpoint.status(s.id)?.state).toBe("cookieEchoed");
  });

  // RFC 9260 ends the attempt. While other addresses wait for their turn, one that refuses is not the end.
  test("departure: while there are other addresses to try, the attempt goes on", () => {
    const s = new Script({ local: ["10.1.0.1", "10.2.0.1"], peer: ["10.1.0.2", "10.2.0.2"] });
    s.connect();
    s.icmp(one(s.take()), "protocolUnreachable");
    expect(s.ended()).toBeUndefined();
    s.advance(1000);
    expect(s.take().map((p) => p.route)).toEqual(["10.2.0.1>10.2.0.2"]);
  });
});

describe("RFC 9260 s10 ICMP9: Destination Unreachable", () => {
  test("strict timing: an error of the path, none of the association", () => {
    const s = opened({ potentiallyFailedMaxRetrans: 1000 });
    const p = sent(s);
    s.icmp(p, "unreachable");
    s.icmp(p, "unreachable");
    expect(s.paths()).toEqual(["*10.1.0.1>10.1.0.2 active 2"]);
    expect(s.endpoint.status(s.id)?.errorCount).toBe(0);
  });

  test("above Path.Max.Retrans the path is inactive; the cause is told", () => {
    const s = opened({ potentiallyFailedMaxRetrans: 1000, pathMaxRetrans: 1 }, 2);
    const p = sent(s);
    s.icmp(p, "unreachable");
    expect(s.takeEvents()).toEqual([]);
    s.icmp(p, "unreachable");
    expect(s.events.flatMap((e) => (e.kind === "path" ? [e.event] : []))).toEqual([
      expect.objectContaining({ kind: "inactive", cause: "icmpUnreachable" }),
      expect.objectContaining({ kind: "switched", cause: "icmpUnreachable" }),
    ]);
    expect(s.endpoint.status(s.id)?.state).toBe("established");
  });

  test("about a path that is not confirmed, or none of ours: nothing", () => {
    const s = opened();
    const p = sent(s);
    s.icmp({ ...p, local: "10.7.0.7" }, "unreachable");
    expect(s.paths()).toEqual(["*10.1.0.1>10.1.0.2 active"]);
    const t = new Script();
    t.connect();
    t.icmp(one(t.take()), "unreachable");
    expect(t.ended()).toBeUndefined();
    expect(t.advanceToNextPacket()).toBe(1000);
  });
});

describe("RFC 9260 s10 with many associations", () => {
  test("the one that sent the packet is found", () => {
    const s = new Script();
    s.endpoint.listening = true;
    const pair = (n: number): { from: string; tag: number } => ({
      from: `10.5.0.${n}`,
      tag: 100 + n,
    });
    for (let n = 1; n <= 20; n++) {
      const { from, tag } = pair(n);
      s.receive([chunk.init({ tag })], { vtag: 0, from });
      const initAck = one(s.take());
      s.readNumbers(initAck);
      s.receive([chunk.cookieEcho(cookieOf(initAck))], { from });
      s.take();
    }
    expect(s.endpoint.associationCount).toBe(20);
    const quoted = new Uint8Array(8);
    const view = new DataView(quoted.buffer);
    view.setUint16(0, 5000);
    view.setUint16(2, 7000);
    view.setUint32(4, 107);
    s.endpoint.handle(s.now, {
      kind: "icmp",
      notice: {
        kind: "protocolUnreachable",
        mtu: 0,
        local: IpAddress.parse("10.1.0.1"),
        remote: IpAddress.parse("10.5.0.7"),
        remotePort: 0,
        quoted,
      },
    });
    s.drain();
    expect(s.endpoint.associationCount).toBe(19);
    expect(s.events.filter((e) => e.kind === "ended").map((e) => e.id)).toEqual([7]);
  });
});
