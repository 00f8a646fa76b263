import { describe, expect, test } from "@jest/globals";
import {
  checkTraceLine,
  HostCore,
  TRACE_KINDS,
  type TraceDetail,
  type TraceDifference,
  TracedHostCore,
  TraceReplay,
} from "@multihome/association";
import { type Instant, jsonLines, SeededRandom, type TraceEvent } from "@multihome/base";
import { type Op, Pair, runSchedule, type Schedule } from "@multihome/testkit";

// Runs of the simulator are recorded and replayed: both hosts in one trace.

const schedule = (seed: number, ops: readonly Op[]): Schedule => ({
  seed,
  topology: { delaysMs: [10, 25] },
  ops: [...ops],
});

const SWITCHING = schedule(7, [
  { op: "send", side: "a", bytes: 3000, count: 20 },
  { op: "cut", path: 0 },
  { op: "send", side: "z", bytes: 500, count: 5 },
  { op: "advance", ms: 700 },
  { op: "send", side: "a", bytes: 9000, count: 3, stream: 2 },
  { op: "heal", path: 0 },
  { op: "advance", ms: 3000 },
]);

interface Recording {
  readonly lines: string[];
  readonly digest: string;
}

function record(s: Schedule, detail: TraceDetail = "full"): Recording {
  const lines: string[] = [];
  const sink = jsonLines((line) => lines.push(line));
  const { digest, ok } = runSchedule(s, {
    makeCore: (config, host) => new TracedHostCore(config, { sink, host, detail }),
  });
  expect(ok).toBe(true);
  return { lines, digest };
}

/** Lines as a reader of the file takes them. */
const parsed = (lines: readonly string[]): TraceEvent[] =>
  lines.map((line, i) => {
    const check = checkTraceLine(line);
    if (!check.ok) throw new Error(`line ${i + 1}: ${check.problem}: ${line.slice(0, 300)}`);
    return check.event;
  });

function replay(events: readonly TraceEvent[]): TraceDifference | undefined {
  const r = new TraceReplay();
  for (const e of events) r.take(e);
  return r.finish();
}

const recording = record(SWITCHING);
const events = parsed(recording.lines);

describe("a traced run", () => {
  test("is the run that nobody watches, to the bit", () => {
    expect(runSchedule(SWITCHING).digest).toBe(recording.digest);
    expect(record(SWITCHING, "story").digest).toBe(recording.digest);
  });

  test("says the same each time", () => {
    expect(record(SWITCHING).lines).toEqual(recording.lines);
  });

  test("holds what its story needs", () => {
    const kinds = new Set(events.map((e) => (e.kind === "event" ? e["event"] : e.kind)));
    for (const kind of [
      "trace",
      "connect",
      "send",
      "receive",
      "packetIn",
      "packetOut",
      "drained",
      "timeout",
      "timer",
      "draw",
      "up",
      "suspected",
      "probed",
      "verdict",
      "marked",
      "retransmitted",
      "switched",
      "pathPotentiallyFailed",
      "pathRecovered",
      "counted",
      "path",
      "association",
      "ended",
    ]) {
      expect(kinds).toContain(kind);
    }
  });

  test("gives every packet a number, and the association and path that it belongs to", () => {
    const packets = events.filter((e) => e["host"] === "a" && /^packet/.test(e.kind));
    expect(packets.map((e) => e["packet"])).toEqual(packets.map((_, i) => i + 1));
    const established = packets.filter((e) =>
      JSON.stringify(e["chunks"]).match(/"(DATA|SACK|HEARTBEAT)"/),
    );
    for (const e of established) {
      expect([e["association"], typeof e["path"]]).toEqual([1, "number"]);
    }
    expect(new Set(established.map((e) => e["path"])).size).toBeGreaterThan(1);
  });

  test("tells every drop and decision that counts", () => {
    const pair = new Pair({ seed: 3 });
    pair.connect();
    for (const side of ["a", "z"] as const) {
      const counted: Record<string, number> = {};
      for (const e of events) {
        if (e.kind !== "counted" || e["host"] !== side) continue;
        const name = String(e["counter"]);
        counted[name] = (counted[name] ?? 0) + Number(e["by"]);
      }
      expect(counted["associationsOpened"]).toBe(1);
      expect(counted["associationsClosed"]).toBe(1);
      // The names are those of the counters.
      expect(Object.keys(pair.peer(side).node.core.counters())).toEqual(
        expect.arrayContaining(Object.keys(counted)),
      );
    }
  });

  test("of detail story holds no data and no secret, and tells the same otherwise", () => {
    const story = record(SWITCHING, "story");
    const secret = /"data"|"draw"|"crc32c"/;
    expect(story.lines.filter((line) => secret.test(line))).toEqual([]);
    expect(story.lines).toHaveLength(
      recording.lines.filter((l) => !/"kind":"draw"/.test(l)).length,
    );
    const told = parsed(story.lines);
    expect(told.filter((e) => e.kind === "event")).toEqual(
      events.filter((e) => e.kind === "event"),
    );
  });
});

describe("a replay", () => {
  const kindsSeen: string[] = [];

  test("comes out equal", () => {
    expect(replay(events)).toBeUndefined();
  });

  test("counts what it did", () => {
    const r = new TraceReplay();
    for (const e of events) r.take(e);
    r.finish();
    const out = events.filter((e) => e.kind === "packetOut");
    expect(r.counts.lines).toBe(events.length);
    expect(r.counts.packetsOut).toBe(out.length);
    expect(r.counts.bytesOut).toBe(out.reduce((n, e) => n + Number(e["bytes"]), 0));
  });

  test.each(
    Object.entries<Schedule>({
      "over UDP, through a NAT, timers of the RFC": {
        seed: 3,
        topology: { delaysMs: [5, 30], udp: true, nat: true, timing: "rfc" },
        ops: [
          { op: "send", side: "a", bytes: 1500, count: 30, unordered: true },
          { op: "loss", path: 0, percent: 20 },
          { op: "advance", ms: 4000 },
        ],
      },
      "interfaces that go and come, over IPv4 and IPv6": {
        seed: 11,
        topology: { delaysMs: [5, 9, 14], family: "mixed", mesh: true },
        ops: [
          { op: "send", side: "a", bytes: 20_000, count: 10 },
          { op: "linkDown", path: 1, side: "a" },
          { op: "advance", ms: 100 },
          { op: "linkUp", path: 1, side: "a" },
          { op: "setPrimary", side: "a", index: 2 },
          { op: "advance", ms: 1500 },
        ],
      },
      "ICMP errors, a small MTU, a reader that pauses, an abort": {
        seed: 9,
        topology: { delaysMs: [5, 9], family: "ipv6", receiveBufferBytes: 16_384 },
        ops: [
          { op: "pauseReading", side: "z" },
          { op: "send", side: "a", bytes: 30_000, count: 6 },
          { op: "mtu", path: 0, bytes: 1280 },
          { op: "advance", ms: 200 },
          { op: "icmpUnreachable", path: 0 },
          { op: "resumeReading", side: "z" },
          { op: "advance", ms: 500 },
          { op: "abort", side: "z" },
        ],
      },
      "both paths cut at once, and one that is slow for a moment": {
        seed: 6,
        topology: { delaysMs: [10, 12] },
        ops: [
          { op: "send", side: "a", bytes: 20_000, count: 10 },
          { op: "advance", ms: 500 },
          { op: "delay", path: 0, ms: 45 },
          { op: "send", side: "a", bytes: 1000, count: 2 },
          { op: "advance", ms: 300 },
          { op: "delay", path: 0, ms: 10 },
          { op: "send", side: "a", bytes: 20_000, count: 10 },
          { op: "advance", ms: 20 },
          { op: "cut", path: 0 },
          { op: "cut", path: 1 },
          { op: "advance", ms: 300 },
        ],
      },
      "a host that restarts, and a small window": {
        seed: 5,
        topology: { delaysMs: [10], receiveBufferBytes: 8192 },
        ops: [
          { op: "send", side: "a", bytes: 6000, count: 12, lifetimeMs: 900 },
          { op: "advance", ms: 300 },
          { op: "restart", side: "z" },
          { op: "advance", ms: 2000 },
        ],
      },
    }),
  )("%s", (_, s) => {
    const run = parsed(record(s).lines);
    expect(replay(run)).toBeUndefined();
    kindsSeen.push(...run.map((e) => e.kind));
  });

  test("has replayed every kind of line that a simulation can have", () => {
    const seen = new Set([...kindsSeen, ...events.map((e) => e.kind)]);
    // The application of a pair asks for no HEARTBEATs; the others are of drivers and networks.
    const elsewhere = ["requestHeartbeat", "driver", "net", "note"];
    // These need luck, which a better transport may take away.
    const maybe = ["suspicionCleared", "noVerdict", "fastRecovery", "t3Expired"];
    const missing = Object.keys(TRACE_KINDS).filter((kind) => !seen.has(kind));
    expect(missing.filter((kind) => !maybe.includes(kind))).toEqual(elsewhere);
    expect(missing.length).toBeLessThan(elsewhere.length + maybe.length);
  });

  test("of drawn schedules", () => {
    let packets = 0;
    for (let seed = 1; seed <= 3; seed++) {
      const lines = record({ ...SWITCHING, seed }).lines;
      const r = new TraceReplay();
      for (const e of parsed(lines)) r.take(e);
      expect(r.finish()).toBeUndefined();
      packets += r.counts.packetsOut;
    }
    expect(packets).toBeGreaterThan(150);
  });

  /** The events with one field of one line changed. */
  const changed = (index: number, change: Record<string, unknown>): TraceEvent[] =>
    events.map((e, i) =>
      i === index ? (parsed([JSON.stringify({ ...e, ...change })])[0] ?? e) : e,
    );

  test("finds one byte that was changed in a packet that left", () => {
    const index = events.findIndex((e, i) => i > 200 && e.kind === "packetOut");
    const data = String(events[index]?.["data"]);
    const other = `${data.slice(0, 20)}${data[20] === "A" ? "B" : "A"}${data.slice(21)}`;
    const difference = replay(changed(index, { data: other }));
    expect(difference?.line).toBe(index + 1);
    expect(difference?.recorded?.["data"]).toBe(other);
    expect(difference?.replayed?.["data"]).toBe(data);
    expect(difference?.step.kind).toBe("packetOut");
  });

  test("finds one byte that was changed in a packet that came: it is dropped for its checksum", () => {
    const index = events.findIndex((e, i) => i > 200 && e.kind === "packetIn");
    const bytes = Buffer.from(String(events[index]?.["data"]), "base64");
    bytes[13] = (bytes[13] ?? 0) ^ 1;
    const difference = replay(changed(index, { data: bytes.toString("base64") }));
    expect(difference?.line).toBe(index + 1);
  });

  test("finds a message of which one byte was changed", () => {
    const index = events.findIndex((e) => e.kind === "send");
    const bytes = Buffer.from(String(events[index]?.["data"]), "base64");
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    const difference = replay(changed(index, { data: bytes.toString("base64") }));
    // Told where it shows: in the packet that carries it.
    expect(difference?.recorded?.kind).toBe("packetOut");
    expect(difference?.line).toBeGreaterThan(index + 1);
  });

  test("finds another time, another number drawn, a line too few and one too many", () => {
    const timer = events.findIndex((e) => e.kind === "timeout");
    expect(replay(changed(timer, { at: Number(events[timer]?.at) - 1 }))).toBeDefined();
    const draw = events.findIndex((e) => e.kind === "draw");
    expect(replay(changed(draw, { value: 5 }))).toBeDefined();
    const decision = events.findIndex((e) => e.kind === "retransmitted");
    expect(replay(events.filter((_, i) => i !== decision))?.recorded).toBeDefined();
    const twice = events.flatMap((e, i) => (i === decision ? [e, e] : [e]));
    expect(replay(twice)?.line).toBe(decision + 2);
  });

  test("goes on where lines of others stand in between", () => {
    const others = parsed([
      '{"at":5,"kind":"note","text":"path cut"}',
      '{"at":5,"kind":"driver","counter":"impaired","by":2}',
      '{"at":5,"kind":"net","event":"drop","cause":"cut"}',
    ]);
    expect(
      replay(events.flatMap((e, i) => (i % 50 === 20 ? [e, ...others] : [e]))),
    ).toBeUndefined();
  });

  test("is refused where data is missing, or the beginning", () => {
    const story = parsed(record(SWITCHING, "story").lines);
    const refused = expect.objectContaining({ code: "traceNotReplayable" });
    expect(() => replay(story)).toThrow(refused);
    expect(() => replay(events.slice(2))).toThrow(refused);
  });

  test("of a path policy of one's own needs that policy", () => {
    const last = { name: "last", select: (usable: readonly never[]) => usable.at(-1) as never };
    const lines: string[] = [];
    new TracedHostCore(
      { random: new SeededRandom(1), sctp: { policy: last } },
      { sink: jsonLines((line) => lines.push(line)) },
    );
    const run = parsed(lines);
    expect(() => replay(run)).toThrow(/path policy last/);
    const r = new TraceReplay({ policies: { last } });
    for (const e of run) r.take(e);
    expect(r.finish()).toBeUndefined();
  });
});

describe("TracedHostCore", () => {
  const now = 0 as Instant;

  test("tells of calls that are refused, and replays them", () => {
    const lines: string[] = [];
    const core = new TracedHostCore(
      { random: new SeededRandom(1) },
      { sink: jsonLines((line) => lines.push(line)) },
    );
    core.listen(now, { port: 5000, udpPort: 0 });
    expect(() => core.listen(now, { port: 5000, udpPort: 0 })).toThrow();
    expect(() => core.connect(now, { remotes: [], port: 1, peerUdpPort: 0, udpPort: 0 })).toThrow();
    const run = parsed(lines);
    // A set-up key is drawn before the port is looked at; what is drawn is no matter here.
    expect(run.filter((e) => e.kind !== "draw").map((e) => [e.kind, e["error"]])).toEqual([
      ["trace", undefined],
      ["listen", undefined],
      ["listen", "portInUse"],
      ["connect", "noUsableAddress"],
    ]);
    expect(replay(run)).toBeUndefined();
  });

  test("overrides every call of a host core that changes it", () => {
    const reads = [
      "constructor",
      "pollTimeout",
      "paths",
      "currentPath",
      "status",
      "audit",
      "portOf",
      "counters",
      "addCountersTo",
      "openPortCount",
      "associationCount",
    ];
    const calls = Object.getOwnPropertyNames(HostCore.prototype).filter((n) => !reads.includes(n));
    expect(Object.getOwnPropertyNames(TracedHostCore.prototype)).toEqual(
      expect.arrayContaining(calls),
    );
  });
});
