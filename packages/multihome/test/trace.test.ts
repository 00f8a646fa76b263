import { afterEach, describe, expect, test } from "@jest/globals";
import {
  checkTraceLine,
  Host,
  type HostOptions,
  Impairment,
  type TraceDetail,
  type TraceDifference,
  type TraceEvent,
  TraceReplay,
} from "../src/index.js";

// Hosts over real sockets of this machine are recorded and replayed.

const hosts: Host[] = [];
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.close(0)));
});

interface Recorded {
  readonly host: Host;
  readonly lines: string[];
}

async function record(
  addresses: readonly string[],
  options: HostOptions = {},
  traceDetail?: TraceDetail,
): Promise<Recorded> {
  const lines: string[] = [];
  const host = await Host.open({
    addresses,
    lingerMs: 0,
    trace: (event) => lines.push(JSON.stringify(event)),
    ...(traceDetail === undefined ? {} : { traceDetail }),
    ...options,
  });
  hosts.push(host);
  return { host, lines };
}

const parsed = (lines: readonly string[]): TraceEvent[] =>
  lines.map((line) => {
    const check = checkTraceLine(line);
    if (!check.ok) throw new Error(`${check.problem}: ${line.slice(0, 300)}`);
    return check.event;
  });

function replay(lines: readonly string[]): TraceDifference | undefined {
  const r = new TraceReplay();
  for (const e of parsed(lines)) r.take(e);
  return r.finish();
}

const SECRET = "a sentence that nobody else should read";

/** Two hosts talk, and lose a path on the way. */
async function conversation(traceDetail?: TraceDetail): Promise<[Recorded, Recorded]> {
  const impair = new Impairment();
  const z = await record(["127.0.0.1", "127.0.0.2"], { impair }, traceDetail);
  const a = await record(["127.0.0.3", "127.0.0.4"], {}, traceDetail);
  const server = await z.host.listen({ port: 0 });
  server.associations$.subscribe((s) =>
    s.messages$.subscribe((m) => s.send(m.data, { stream: m.stream })),
  );
  const association = await a.host.connect(server.addresses);
  const used = association.paths().find((p) => p.current);
  const switched = new Promise<void>((resolve) => {
    association.paths$.subscribe((e) => {
      if (e.kind === "switched") resolve();
    });
  });
  const reading = (async () => {
    let count = 0;
    for await (const _ of association) if (++count === 30) return;
  })();
  for (let i = 0; i < 10; i++) await association.send(new TextEncoder().encode(SECRET));
  if (used !== undefined) impair.cut({ local: used.remote });
  for (let i = 0; i < 20; i++) await association.send(new Uint8Array(5000).fill(i), { stream: 3 });
  await Promise.all([reading, switched]);
  await association.close();
  await Promise.all([a.host.close(), z.host.close()]);
  return [a, z];
}

describe("a host over real sockets", () => {
  test("replays to the same bytes, path failure and all", async () => {
    for (const { lines } of await conversation()) {
      expect(replay(lines)).toBeUndefined();
      const kinds = new Set(parsed(lines).map((e) => e.kind));
      for (const kind of ["packetIn", "packetOut", "send", "receive", "draw", "timeout"]) {
        expect(kinds).toContain(kind);
      }
      // Nobody may take the clock back: RFC timers count on it. Events have the time when they happened.
      const times = parsed(lines).filter((e) => e.kind !== "event");
      expect(times.every((e, i) => i === 0 || e.at >= (times[i - 1]?.at ?? 0))).toBe(true);
      // What was drawn, and the first message: a trace with all detail is a secret itself.
      expect(lines.join("\n")).toContain(btoa(SECRET).slice(0, 40));
    }
  }, 30_000);

  test("with detail story tells what happened, without a byte of what was said", async () => {
    const [a, z] = await conversation("story");
    for (const { lines } of [a, z]) {
      const all = lines.join("\n");
      expect(all).not.toContain('"data"');
      expect(all).not.toContain('"draw"');
    }
    const events = parsed(a.lines).map((e) => e["event"]);
    expect(events).toContain("switched");
    expect(z.lines.join("\n")).toContain('"kind":"driver","counter":"impaired"');
    expect(() => replay(a.lines)).toThrow(expect.objectContaining({ code: "traceNotReplayable" }));
  }, 30_000);

  test("refuses a detail that there is not", async () => {
    const wrong = "everything" as TraceDetail;
    await expect(Host.open({ trace: () => {}, traceDetail: wrong })).rejects.toMatchObject({
      code: "invalidOption",
    });
  });
});
