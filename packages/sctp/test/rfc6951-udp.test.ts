import { describe, expect, test } from "@jest/globals";
import { ChunkType } from "@multihome/wire";
import * as chunk from "./support/chunks.js";
import { cookieOf, PEER_TSN, Script, type ScriptOptions } from "./support/scripted-peer.js";

const two: ScriptOptions = {
  udp: true,
  local: ["10.1.0.1", "10.2.0.1"],
  peer: ["10.1.0.2", "10.2.0.2"],
  sctp: { maxPaths: 2 },
};

const ports = (s: Script): string[] =>
  s.take().map((p) => `${p.route} ${p.localPort}>${p.remotePort}`);

describe("RFC 6951 s5.1, s5.4: UDP ports", () => {
  test("the INIT ACK goes back to the port that the INIT came from; so does all that follows", () => {
    const s = new Script({ udp: true });
    s.endpoint.listening = true;
    s.receive([s.peerInit()], { vtag: 0, udpFrom: 40_001 });
    const [initAck] = s.take();
    if (initAck === undefined) throw new Error("no INIT ACK");
    expect(initAck.localPort).toBe(9899);
    expect(initAck.remotePort).toBe(40_001);
    s.readNumbers(initAck);
    s.receive([chunk.cookieEcho(cookieOf(initAck))], { udpFrom: 40_001 });
    s.endpoint.send(s.now, s.id, Uint8Array.of(1));
    for (const p of s.take()) expect(p.remotePort).toBe(40_001);
  });

  test("a packet with the right tag from another port moves the path there", () => {
    const s = new Script({ udp: true });
    s.openFromPeer();
    s.receive([chunk.heartbeat(Uint8Array.of(1))], { udpFrom: 50_000 });
    expect(ports(s)).toEqual(["10.1.0.1>10.1.0.2 9899>50000"]);
    s.endpoint.send(s.now, s.id, Uint8Array.of(1));
    expect(ports(s)).toEqual(["10.1.0.1>10.1.0.2 9899>50000"]);
  });

  test("one with a wrong tag does not", () => {
    const s = new Script({ udp: true });
    s.openFromPeer();
    s.receive([chunk.heartbeat(Uint8Array.of(1))], { udpFrom: 50_000, vtag: s.tag ^ 1 });
    s.take();
    s.endpoint.send(s.now, s.id, Uint8Array.of(1));
    expect(ports(s)).toEqual(["10.1.0.1>10.1.0.2 9899>9899"]);
  });

  test("each path has its own", () => {
    const s = new Script(two);
    s.openFromPeer();
    s.advanceAnswering(5000);
    s.receive([chunk.heartbeat(Uint8Array.of(1))], {
      from: "10.2.0.2",
      to: "10.2.0.1",
      udpFrom: 51_000,
    });
    expect(ports(s)).toEqual(["10.2.0.1>10.2.0.2 9899>51000"]);
    s.endpoint.send(s.now, s.id, Uint8Array.of(1));
    expect(ports(s)).toEqual(["10.1.0.1>10.1.0.2 9899>9899"]);
    s.endpoint.setPrimary(s.now, s.id, s.endpoint.paths(s.id)[1]?.id ?? -1);
    s.endpoint.send(s.now, s.id, Uint8Array.of(1));
    expect(ports(s)).toEqual(["10.2.0.1>10.2.0.2 9899>51000"]);
  });

  test("a COOKIE ECHO that comes from another port than the INIT is answered there", () => {
    const s = new Script({ udp: true });
    s.endpoint.listening = true;
    s.receive([s.peerInit()], { vtag: 0, udpFrom: 40_001 });
    const [initAck] = s.take();
    if (initAck === undefined) throw new Error("no INIT ACK");
    s.readNumbers(initAck);
    s.receive([chunk.cookieEcho(cookieOf(initAck))], { udpFrom: 40_002 });
    const [cookieAck] = s.take();
    expect(cookieAck?.line).toMatch(/^COOKIE ACK/);
    expect(cookieAck?.remotePort).toBe(40_002);
  });

  test("a restart from another port is found by the new one, once it is known", () => {
    const s = new Script({ udp: true });
    s.openFromPeer();
    s.receive([chunk.heartbeat(Uint8Array.of(1))], { udpFrom: 50_000 });
    s.take();
    s.receive([chunk.init({ tag: 9 })], { vtag: 0, udpFrom: 50_000 });
    const [initAck] = s.take();
    if (initAck === undefined) throw new Error("no INIT ACK");
    s.receive([chunk.cookieEcho(cookieOf(initAck))], {
      vtag: initAck.view.getUint32(16),
      udpFrom: 50_000,
    });
    expect(s.takeEvents()).toContain("restarted");
    expect(s.endpoint.associationCount).toBe(1);
  });

  test("two peers behind one address, told apart by their ports, are two associations", () => {
    const s = new Script({ udp: true });
    s.endpoint.listening = true;
    for (const udpFrom of [40_001, 40_002]) {
      s.receive([chunk.init({ tag: udpFrom })], { vtag: 0, udpFrom });
      const [initAck] = s.take();
      if (initAck === undefined) throw new Error("no INIT ACK");
      s.readNumbers(initAck);
      s.receive([chunk.cookieEcho(cookieOf(initAck))], { udpFrom });
      s.take();
    }
    expect(s.endpoint.associationCount).toBe(2);
  });

  test("answers out of the blue go back to the port they came from", () => {
    const s = new Script({ udp: true });
    s.receive([chunk.data(1)], { vtag: 77, udpFrom: 1234 });
    expect(ports(s)).toEqual(["10.1.0.1>10.1.0.2 9899>1234"]);
  });

  test("our INIT goes to the port that was asked for", () => {
    const s = new Script({ udp: true });
    s.connect();
    expect(ports(s)).toEqual(["10.1.0.1>10.1.0.2 9899>9899"]);
  });
});

describe("RFC 6951 s5.4, s5.6: packets without UDP", () => {
  test("what answers them goes without UDP, in larger packets; and with UDP again after one that came so", () => {
    const s = new Script({ udp: true });
    s.openFromPeer();
    const answer = (n: number, udpFrom: number): string[] => {
      s.receive([chunk.heartbeat(Uint8Array.of(1))], { udpFrom });
      s.endpoint.send(s.now, s.id, new Uint8Array(1500));
      const packets = s.take();
      s.receive([chunk.sack(s.tsn + n)], { udpFrom });
      return packets.map((p) => `${p.localPort}>${p.remotePort} ${p.bytes.length}`);
    };
    expect(answer(1, 9899)).toEqual(["9899>9899 24", "9899>9899 1472", "9899>9899 84"]);
    // 1500 - 20: the 8 bytes of the UDP header are free
    expect(answer(3, 0)).toEqual(["0>0 24", "0>0 1480", "0>0 76"]);
    expect(answer(5, 50_000)).toEqual(["9899>50000 24", "9899>50000 1472", "9899>50000 84"]);
    expect(s.endpoint.audit(s.id)).toBeUndefined();
  });

  test("only on the path that they came over", () => {
    const s = new Script(two);
    s.openFromPeer();
    s.advanceAnswering(5000);
    s.receive([chunk.heartbeat(Uint8Array.of(1))], {
      from: "10.2.0.2",
      to: "10.2.0.1",
      udpFrom: 0,
    });
    expect(ports(s)).toEqual(["10.2.0.1>10.2.0.2 0>0"]);
    s.endpoint.send(s.now, s.id, Uint8Array.of(1));
    expect(ports(s)).toEqual(["10.1.0.1>10.1.0.2 9899>9899"]);
  });

  test("one with a wrong tag changes nothing, nor does an INIT", () => {
    const s = new Script({ udp: true });
    s.openFromPeer();
    s.receive([chunk.heartbeat(Uint8Array.of(1))], { udpFrom: 0, vtag: s.tag ^ 1 });
    s.receive([chunk.init({})], { udpFrom: 0, vtag: 0 });
    s.receive([chunk.init({})], { udpFrom: 1234, vtag: 0 });
    s.take();
    s.endpoint.send(s.now, s.id, Uint8Array.of(1));
    expect(ports(s)).toEqual(["10.1.0.1>10.1.0.2 9899>9899"]);
  });
});

describe("RFC 6951 s5.6: path MTU", () => {
  test("the UDP header takes 8 bytes of it", () => {
    const s = new Script({ udp: true });
    s.openFromPeer();
    s.endpoint.send(s.now, s.id, new Uint8Array(3000));
    // 1500 - 20 - 8, a multiple of 4
    expect(s.take().map((p) => p.bytes.length)[0]).toBe(1472);
    const v6 = new Script({ udp: true, local: ["2001:db8::1"], peer: ["2001:db8::2"] });
    v6.openFromPeer();
    v6.endpoint.send(v6.now, v6.id, new Uint8Array(3000));
    expect(v6.take().map((p) => p.bytes.length)[0]).toBe(1452);
  });

  test("an ICMP message tells the MTU of IP packets", () => {
    const s = new Script({ udp: true });
    s.openFromPeer();
    s.endpoint.send(s.now, s.id, new Uint8Array(1000));
    const [p] = s.take();
    if (p === undefined) throw new Error("no packet");
    s.tooBig(p, 1000);
    s.receive([chunk.sack(s.tsn)]);
    s.endpoint.send(s.now, s.id, new Uint8Array(3000));
    expect(s.take()[0]?.bytes.length).toBe(972);
  });

  test("an INIT ACK fits as well", () => {
    const s = new Script({ udp: true, sctp: { mtu: 576 } });
    s.endpoint.listening = true;
    const parameters = Array.from({ length: 60 }, () => chunk.param(0xfffe, new Uint8Array(12)));
    s.receive([chunk.init({ parameters })], { vtag: 0 });
    expect(s.take()[0]?.bytes.length).toBeLessThanOrEqual(576 - 28);
  });
});

describe("RFC 6951 s5.5: ICMP", () => {
  test("Port Unreachable, which comes as protocolUnreachable, ends the association", () => {
    const s = new Script({ udp: true });
    s.openFromPeer();
    s.endpoint.send(s.now, s.id, Uint8Array.of(1));
    const [p] = s.take();
    if (p === undefined) throw new Error("no packet");
    s.icmp(p, "protocolUnreachable");
    expect(s.ended()?.kind).toBe("abortedByPeer");
  });

  test("of another port than the path's it is nothing to us", () => {
    const s = new Script({ udp: true });
    s.openFromPeer();
    s.endpoint.send(s.now, s.id, Uint8Array.of(1));
    const [p] = s.take();
    if (p === undefined) throw new Error("no packet");
    s.icmp({ ...p, remotePort: 1234 }, "protocolUnreachable");
    expect(s.ended()).toBeUndefined();
    expect(s.endpoint.counters.icmpIgnored).toBe(1);
  });
});

describe("RFC 6951 s5.7, s3.2: addresses that a NAT would have to translate", () => {
  test("none are put into INIT and INIT ACK where that is switched off", () => {
    const s = new Script({ ...two, sctp: { maxPaths: 2, advertiseAddresses: false } });
    s.endpoint.listening = true;
    s.receive([chunk.init({})], { vtag: 0 });
    expect(s.lines()[0]).not.toMatch(/10\.[12]\.0\.1/);
    s.connect();
    expect(s.lines()[0]).not.toMatch(/10\.[12]\.0\.1/);
  });

  test("the source address counts, not what the peer might think it has", () => {
    const s = new Script({ udp: true });
    s.endpoint.listening = true;
    s.receive([chunk.init({})], { vtag: 0, from: "198.51.100.7", udpFrom: 61_000 });
    const [initAck] = s.take();
    if (initAck === undefined) throw new Error("no INIT ACK");
    s.readNumbers(initAck);
    s.receive([chunk.cookieEcho(cookieOf(initAck)), chunk.data(PEER_TSN)], {
      from: "198.51.100.7",
      udpFrom: 61_000,
    });
    expect(s.take().map((p) => `${p.remote}:${p.remotePort}`)).toEqual(["198.51.100.7:61000"]);
    expect(s.endpoint.associationCount).toBe(1);
  });

  test("SHUTDOWN COMPLETE out of the blue reflects the tag over UDP as well", () => {
    const s = new Script({ udp: true });
    s.receive([chunk.bare(ChunkType.shutdownAck)], { vtag: 77, udpFrom: 1234 });
    expect(ports(s)).toEqual(["10.1.0.1>10.1.0.2 9899>1234"]);
  });
});
