import { describe, expect, test } from "@jest/globals";
import { HostCore, TracedHostCore } from "@multihome/association";
import {
  fromBase64,
  type Instant,
  IpAddress,
  PacketRef,
  SeededRandom,
  type TraceEvent,
} from "@multihome/base";
import { recording, runSchedule, type Schedule } from "@multihome/testkit";
import { SCTP_HEADER_LENGTH, sctpVerificationTag, writeSctpChecksum } from "@multihome/wire";

// No packet is dropped without a counter that says so.

const SCHEDULE: Schedule = {
  seed: 2,
  topology: { delaysMs: [10, 25] },
  ops: [
    { op: "send", side: "a", bytes: 4000, count: 5, lifetimeMs: 40 },
    { op: "send", side: "z", bytes: 100, count: 5 },
    { op: "cut", path: 0 },
    { op: "send", side: "a", bytes: 900_000, count: 8, lifetimeMs: 40 },
    { op: "advance", ms: 1000 },
    { op: "heal", path: 0 },
    { op: "advance", ms: 3000 },
  ],
};

const events: TraceEvent[] = [];
const { pair } = runSchedule(
  SCHEDULE,
  recording((e) => events.push(e)),
);

const now = 0 as Instant;

function packet(bytes: Uint8Array): PacketRef {
  const p = new PacketRef(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  p.end = bytes.length;
  p.local = IpAddress.parse("10.0.1.2");
  p.remote = IpAddress.parse("10.0.0.2");
  return p;
}

/** Packets that z got, the INIT often, each with a few bytes changed; every second one with its checksum put right again. */
function* damaged(count: number): Generator<Uint8Array> {
  const random = new SeededRandom(1);
  const below = (n: number): number => random.nextU32() % n;
  const packets = events
    .filter((e) => e.kind === "packetIn" && e["host"] === "z")
    .map((e) => fromBase64(String(e["data"])) ?? new Uint8Array(0));
  for (let i = 0; i < count; i++) {
    const original = packets[below(4) === 0 ? 0 : below(packets.length)] ?? new Uint8Array(0);
    const bytes = original.slice(0, below(8) === 0 ? below(original.length) : original.length);
    for (let n = below(3); n > 0 && bytes.length > 0; n--) bytes[below(bytes.length)] = below(256);
    if (i % 2 === 0 && bytes.length >= SCTP_HEADER_LENGTH) {
      writeSctpChecksum(bytes, new DataView(bytes.buffer), 0, bytes.length);
    }
    yield bytes;
  }
}

describe("counters of a host", () => {
  test("a packet that is dropped counts, whatever is wrong with it", () => {
    const told: TraceEvent[] = [];
    const core = new TracedHostCore(
      { random: new SeededRandom(3) },
      { sink: (e) => told.push(e), detail: "story" },
    );
    core.listen(now, { port: 5000, udpPort: 0 });
    let dropped = 0;
    let answered = 0;
    for (const bytes of damaged(2000)) {
      const p = packet(bytes);
      // A good INIT is answered and counts nowhere: it is no drop.
      const isInit = bytes.length >= SCTP_HEADER_LENGTH && sctpVerificationTag(p.view, 0) === 0;
      const before = told.length;
      core.handle(now, { kind: "packet", packet: p });
      const counted = told.slice(before).some((e) => e.kind === "counted");
      const buffer = packet(new Uint8Array(2000));
      const answers = core.pollTransmit(now, buffer);
      while (core.pollTransmit(now, packet(new Uint8Array(2000))));
      if (!counted) expect(isInit && answers).toBe(true);
      if (counted) dropped++;
      else answered++;
    }
    expect(dropped).toBeGreaterThan(1500);
    expect(answered).toBeGreaterThan(0);
    const c = core.counters();
    expect(c["packetsTooShort"]).toBeGreaterThan(3);
    expect(c["badChecksum"]).toBeGreaterThan(200);
    expect(c["outOfTheBlue"]).toBeGreaterThan(200);
  });

  test("ICMP about ports that nobody opened counts", () => {
    const core = new HostCore({ random: new SeededRandom(3) });
    const notice = {
      kind: "unreachable",
      mtu: 0,
      local: IpAddress.parse("10.0.0.1"),
      remote: IpAddress.parse("10.0.0.2"),
      remotePort: 0,
    } as const;
    core.handle(now, { kind: "icmp", notice: { ...notice, quoted: new Uint8Array(3) } });
    core.handle(now, { kind: "icmp", notice: { ...notice, quoted: new Uint8Array(8).fill(7) } });
    expect(core.counters()["icmpForClosedPorts"]).toBe(2);
  });

  test("what happened to paths, heartbeats and messages counts", () => {
    const counters = pair.a.node.core.counters();
    const told = (event: string): number =>
      events.filter((e) => e["host"] === "a" && e["event"] === event).length;
    expect(counters["pathsPotentiallyFailed"]).toBe(told("pathPotentiallyFailed"));
    expect(counters["pathsInactive"]).toBe(told("pathInactive"));
    expect(counters["pathsRecovered"]).toBe(told("pathRecovered"));
    expect(counters["pathsConfirmed"]).toBe(told("pathConfirmed"));
    expect(counters["pathSwitches"]).toBe(told("switched"));
    expect(counters["pathsRecovered"]).toBeGreaterThan(0);
    const chunks = (kind: string, type: string): number =>
      events.filter(
        (e) => e["host"] === "a" && e.kind === kind && JSON.stringify(e["chunks"]).includes(type),
      ).length;
    expect(counters["heartbeatsSent"]).toBe(chunks("packetOut", '"HEARTBEAT"'));
    expect(counters["heartbeatsUnanswered"]).toBeGreaterThan(0);
    const abandoned = events.filter((e) => e["host"] === "a" && e["outcome"] === "abandoned");
    expect(counters["messagesAbandoned"]).toBe(abandoned.length);
    expect(abandoned.length).toBeGreaterThan(0);
  });
});
