import { describe, expect, test } from "@jest/globals";
import { type Instant, IpAddress, NEVER, PacketRef, SeededRandom } from "@multihome/base";
import {
  ChunkType,
  SCTP_HEADER_LENGTH,
  sctpVerificationTag,
  writeChunkHeader,
  writeSctpChecksum,
  writeSctpHeader,
} from "@multihome/wire";
import { HostCore } from "./host-core.js";

// One host, and packets written by hand.

const now = 0 as Instant;
const ours = IpAddress.parse("10.0.0.1");
const theirs = IpAddress.parse("10.0.0.2");

const host = (seed = 1): HostCore =>
  new HostCore({
    random: new SeededRandom(seed),
    interfaces: [
      {
        name: "eth0",
        kind: "ethernet",
        addresses: [ours],
        up: true,
        mtu: 1500,
        metered: false,
        cost: 0,
        allowed: true,
      },
    ],
  });

interface Sent {
  readonly from: number;
  readonly to: number;
  readonly vtag: number;
  readonly type: number;
}

/** Everything the host has to send: SCTP ports, tag and first chunk. */
function sent(h: HostCore): Sent[] {
  const bytes = new Uint8Array(2048);
  const out = new PacketRef(bytes, new DataView(bytes.buffer));
  const found: Sent[] = [];
  for (;;) {
    out.start = 0;
    out.end = bytes.length;
    if (!h.pollTransmit(now, out)) return found;
    found.push({
      from: out.view.getUint16(out.start),
      to: out.view.getUint16(out.start + 2),
      vtag: sctpVerificationTag(out.view, out.start),
      type: out.view.getUint8(out.start + SCTP_HEADER_LENGTH),
    });
  }
}

/** A packet with one chunk of no more than a header. */
function packet(port: number, vtag: number, type: number, length = 16): PacketRef {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  if (length >= SCTP_HEADER_LENGTH) writeSctpHeader(view, 0, 7000, port, vtag);
  if (length >= 16) {
    writeChunkHeader(view, SCTP_HEADER_LENGTH, type, 0, 4);
    writeSctpChecksum(bytes, view, 0, length);
  }
  const p = new PacketRef(bytes, view);
  p.end = length;
  p.local = ours;
  p.remote = theirs;
  return p;
}

const connect = (h: HostCore, o: { port?: number; localPort?: number } = {}) =>
  h.connect(now, { remotes: [theirs], port: 5000, peerUdpPort: 0, udpPort: 0, ...o });

describe("HostCore, ports", () => {
  test("ephemeral ports are from 49,152 on, one for each association, at random", () => {
    const h = host();
    for (let i = 0; i < 200; i++) connect(h);
    const ports = sent(h).map((p) => p.from);
    expect(new Set(ports).size).toBe(200);
    for (const port of ports) expect(port).toBeGreaterThanOrEqual(49_152);
    expect(Math.max(...ports) - Math.min(...ports)).toBeGreaterThan(10_000);
    const other = host(2);
    connect(other);
    expect(sent(other)[0]?.from).not.toBe(ports[0]);
  });

  test("the port that was asked for, unless it is in use", () => {
    const h = host();
    const id = connect(h, { localPort: 6000 });
    expect(sent(h)).toEqual([{ from: 6000, to: 5000, vtag: 0, type: ChunkType.init }]);
    expect(h.portOf(id)).toBe(6000);
    expect(() => connect(h, { localPort: 6000 })).toThrow(
      expect.objectContaining({ code: "portInUse" }),
    );
    h.abort(now, id);
    sent(h);
    connect(h, { localPort: 6000 });
  });

  test("a packet without UDP is for an endpoint that uses UDP, too (RFC 6951 s5.4)", () => {
    const h = host();
    h.listen(now, { port: 5000, udpPort: 9899 });
    h.handle(now, { kind: "packet", packet: packet(5000, 77, ChunkType.shutdownAck) });
    expect(sent(h)).toEqual([{ from: 5000, to: 7000, vtag: 77, type: ChunkType.shutdownComplete }]);
  });

  test("a connect that is refused leaves no port open", () => {
    const h = host();
    expect(() => connect(h, { port: 0 })).toThrow(expect.objectContaining({ code: "invalidPort" }));
    expect(() => connect(h, { port: 70_000, localPort: 6000 })).toThrow();
    expect(() => connect(h, { localPort: 0 })).toThrow(
      expect.objectContaining({ code: "invalidPort" }),
    );
    sent(h);
    expect(h.openPortCount).toBe(0);
    connect(h, { localPort: 6000 });
    expect(h.openPortCount).toBe(1);
  });

  test("a closed port answers as RFC 9260 s8.4 says, and keeps nothing", () => {
    const h = host();
    for (const type of [ChunkType.data, ChunkType.sack, ChunkType.heartbeat]) {
      h.handle(now, { kind: "packet", packet: packet(4711, 77, type) });
      expect(sent(h)).toEqual([{ from: 4711, to: 7000, vtag: 77, type: ChunkType.abort }]);
    }
    h.handle(now, { kind: "packet", packet: packet(4711, 77, ChunkType.shutdownAck) });
    expect(sent(h).map((p) => p.type)).toEqual([ChunkType.shutdownComplete]);
    for (const type of [ChunkType.abort, ChunkType.cookieAck, ChunkType.shutdownComplete]) {
      h.handle(now, { kind: "packet", packet: packet(4711, 77, type) });
      expect(sent(h)).toEqual([]);
    }
    expect(h.packetsForClosedPorts).toBe(7);
    expect(h.openPortCount).toBe(0);
    expect(h.pollTimeout()).toBe(NEVER);
  });

  test("a batch for many closed ports is answered and forgotten", () => {
    const h = host();
    for (let port = 1; port <= 500; port++) {
      h.handle(now, { kind: "packet", packet: packet(port, 77, ChunkType.data) });
    }
    expect(sent(h)).toHaveLength(500);
    expect(h.openPortCount).toBe(0);
    expect(h.counters()["outOfTheBlue"]).toBe(500);
  });

  test("what is no packet, or for port 0, is dropped", () => {
    const h = host();
    for (const length of [0, 4, 11]) {
      h.handle(now, { kind: "packet", packet: packet(0, 0, 0, length) });
    }
    h.handle(now, { kind: "packet", packet: packet(0, 77, ChunkType.data) });
    h.handle(now, { kind: "packet", packet: packet(4711, 77, 0, 12) });
    expect(sent(h)).toEqual([]);
    expect(h.openPortCount).toBe(0);
  });

  test("ICMP goes to the port that sent the packet", () => {
    const h = host();
    const id = connect(h, { localPort: 6000 });
    const other = connect(h, { localPort: 6001 });
    const bytes = new Uint8Array(2048);
    const out = new PacketRef(bytes, new DataView(bytes.buffer));
    out.end = bytes.length;
    h.pollTransmit(now, out);
    const quoted = bytes.slice(out.start, out.end);
    sent(h);
    h.handle(now, {
      kind: "icmp",
      notice: {
        kind: "protocolUnreachable",
        mtu: 0,
        local: ours,
        remote: theirs,
        remotePort: 0,
        quoted,
      },
    });
    h.handle(now, {
      kind: "icmp",
      notice: {
        kind: "protocolUnreachable",
        mtu: 0,
        local: ours,
        remote: theirs,
        remotePort: 0,
        quoted: quoted.slice(0, 5),
      },
    });
    sent(h);
    expect(h.pollEvent()?.kind).toBe("path");
    expect(h.status(id)).toBeUndefined();
    expect(h.portOf(id)).toBeUndefined();
    expect(h.status(other)?.state).toBe("cookieWait");
  });

  test("ids are never used again, and an id of nobody does nothing", () => {
    const h = host();
    const ids = new Set<number>();
    for (let i = 0; i < 20; i++) {
      const id = connect(h);
      ids.add(id);
      h.abort(now, id);
      sent(h);
      expect(h.send(now, id, Uint8Array.of(1))).toEqual({ ok: false, code: "notOpen" });
      expect(h.receive(id)).toBeUndefined();
      expect(h.paths(id)).toEqual([]);
      expect(h.currentPath(id)).toBeUndefined();
      expect(h.setPrimary(now, id, 0)).toBe(false);
      expect(h.requestHeartbeat(id, 0)).toBe(false);
      h.shutdown(now, id);
      h.abort(now, id);
    }
    expect(ids.size).toBe(20);
    expect(h.openPortCount).toBe(0);
    expect(h.associationCount).toBe(0);
  });

  test("bad options of the host are refused when it is made", () => {
    expect(() => new HostCore({ random: new SeededRandom(1), sctp: { mtu: 1 } })).toThrow(
      expect.objectContaining({ code: "invalidOption" }),
    );
  });
});
