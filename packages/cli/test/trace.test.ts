import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { cli, objects } from "./capture-io.js";
import { build, run } from "./processes.js";

const folder = mkdtempSync(join(tmpdir(), "multihome-trace-"));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string): string => join(folder, name);

const SCHEDULE = JSON.stringify({
  seed: 7,
  topology: { delaysMs: [10, 25] },
  ops: [
    { op: "send", side: "a", bytes: 1000, count: 20 },
    { op: "cut", path: 0 },
    { op: "advance", ms: 500 },
    { op: "heal", path: 0 },
    { op: "advance", ms: 4000 },
  ],
});

const sim = file("sim.trace");
beforeAll(async () => {
  const recorded = await cli(["sim", "replay", SCHEDULE, "--trace", sim]);
  expect(recorded.status).toBe(0);
  expect(recorded.stderr).toMatch(/^trace: \d+ lines in /);
});

const lines = (name: string): string[] => readFileSync(name, "utf8").trimEnd().split("\n");

describe("trace", () => {
  test("tells when data moved to another path, why, and what it cost", async () => {
    const { status, stdout, stderr } = await cli(["trace", sim, "--host", "a"]);
    expect([status, stderr]).toEqual([0, ""]);
    for (const said of [
      /^Association 1 of a with 10\.0\.1\.2, 10\.1\.1\.2$/m,
      /^opened by us, up after 40\.0 ms, ended after .*: shutdown$/m,
      /^20 messages to send \(19\.5 KiB\): 20 delivered$/m,
      /^data changed its path 2 times; 15 chunks \(14\.6 KiB\) sent again/m,
      /^ +0\.040 s {2}fault in the network: cut on its path 0$/m,
      /^ +\d\.\d{3} s {2}data moves from path 1 to path 2 \(tailLossProbe\)$/m,
      /^ +why +no answer for [\d.]+ ms to what had left on path 1: the round trip was 20\.0 ms ± 10\.0 ms$/m,
      /^ +it was asked by 5 HEARTBEATs within [\d.]+ ms, none was answered; path 2 was heard meanwhile$/m,
      /^ +cost +nothing new was acknowledged for [\d.]+ ms; 15 chunks \(14\.6 KiB\) sent again$/m,
      /^ +\d\.\d{3} s {2}data moves from path 2 to path 1 \(switchback\)$/m,
      /^1 +15 +14\.6 KiB +copies while the path was in doubt$/m,
    ]) {
      expect(stdout).toMatch(said);
    }
    // No terminal, no colours.
    expect(stdout).not.toContain("\u001b");
    expect(stdout).not.toContain("of z with");
  });

  test("tells what the receiving host saw", async () => {
    const { stdout } = await cli(["trace", sim, "--host", "z"]);
    expect(stdout).toContain("opened by the peer, up, ended after");
    expect(stdout).toContain("20 messages received (19.5 KiB)");
    expect(stdout).toMatch(/longest time between two messages received: [\d.]+ ms/);
  });

  test("--json: an object for each association, and one at the end", async () => {
    const all = objects(await cli(["trace", sim, "--json"]));
    expect(all).toMatchObject([
      {
        host: "a",
        association: 1,
        openedBy: "us",
        upMs: 40,
        end: "shutdown",
        messages: { accepted: 20, delivered: 20 },
        switches: [
          {
            from: 1,
            to: 2,
            cause: "tailLossProbe",
            why: [expect.any(String), expect.any(String), expect.any(String)],
            chunksSentAgain: 15,
            bytesSentAgain: 15_000,
          },
          { from: 2, to: 1, cause: "switchback", stallMs: 0 },
        ],
        retransmissions: [{ path: 1, why: "suspected", chunks: 15, bytes: 15_000 }],
      },
      { host: "z", association: 1, openedBy: "peer", messages: { received: 20 } },
      { ok: true, associations: 2, lines: lines(sim).length },
    ]);
    expect(objects(await cli(["trace", sim, "--json", "--host", "z"]))).toHaveLength(2);
  });

  test("the story agrees with what the application was told", async () => {
    const [a] = objects(await cli(["trace", sim, "--json", "--host", "a"]));
    const told = lines(sim)
      .map((line) => JSON.parse(line))
      .filter((e) => e.host === "a" && e.event === "switched");
    expect(a).toMatchObject({
      switches: told.map((e) => ({ stallMs: e.stall / 1000, cause: e.cause, from: e.from })),
    });
  });

  test("reads standard input", async () => {
    const { status, stdout } = await cli(["trace", "-", "--host", "a"], [readFileSync(sim)]);
    expect(status).toBe(0);
    expect(stdout).toContain("data moves from path 1 to path 2");
  });

  test("an association that is not there is a wrong argument", async () => {
    const { status, stderr } = await cli(["trace", sim, "--association", "9"]);
    expect(status).toBe(2);
    expect(stderr).toContain("the trace has 1 of a, 1 of z");
  });

  test("a last line that was cut off is left out, with a warning; others are refused", async () => {
    const name = file("killed.trace");
    writeFileSync(name, readFileSync(sim));
    appendFileSync(name, '{"at":99,"kind":"dra');
    const killed = await cli(["trace", name]);
    expect(killed.status).toBe(0);
    expect(killed.stderr).toContain("the last, is cut off");
    appendFileSync(name, '\n{"at":99,"kind":"drained"}\n');
    const broken = await cli(["trace", name, "--json"]);
    expect(broken.status).toBe(1);
    expect(objects(broken)).toMatchObject([
      { ok: false, code: "brokenTrace", details: { line: lines(sim).length + 1 } },
    ]);
  });

  test.each([
    ["no-such-file", "fileNotFound"],
    [".", "isDirectory"],
    ["package.json", "notATrace"],
    ["empty", "notATrace"],
    ["half", "notATrace"],
  ])("%s: %s", async (name, code) => {
    writeFileSync(file("empty"), "");
    writeFileSync(file("half"), lines(sim).slice(5).join("\n"));
    const path = name === "package.json" || name === "." ? name : file(name);
    const { status, stderr } = await cli(["trace", path]);
    expect(status).toBe(1);
    expect(stderr).toContain(`[${code}]`);
  });
});

describe("trace --replay", () => {
  test("says that a run is equal, and how much was compared", async () => {
    const { status, stdout } = await cli(["trace", sim, "--replay"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^equal: \d+ lines, \d+ steps, \d+ packets in, \d+ out .*every byte/);
    expect(objects(await cli(["trace", sim, "--replay", "--json"]))).toMatchObject([
      { ok: true, lines: lines(sim).length },
    ]);
  });

  test("shows one changed byte: the line, what was recorded, what is sent now, and where", async () => {
    const all = lines(sim);
    const index = all.findIndex((line, i) => i > 100 && line.includes('"kind":"packetOut"'));
    const event = JSON.parse(all[index] ?? "");
    const bytes = Buffer.from(event.data, "base64");
    bytes[17] = (bytes[17] ?? 0) ^ 0x20;
    all[index] = JSON.stringify({ ...event, data: bytes.toString("base64") });
    writeFileSync(file("changed.trace"), `${all.join("\n")}\n`);
    const { status, stdout } = await cli(["trace", file("changed.trace"), "--replay"]);
    expect(status).toBe(1);
    expect(stdout).toContain(`different at line ${index + 1}`);
    expect(stdout).toMatch(/^before .*\nrecorded .*\nreplayed .*/m);
    expect(stdout).toContain(`differs   data, from byte 17 of ${bytes.length}`);
    expect(
      objects(await cli(["trace", file("changed.trace"), "--replay", "--json"])),
    ).toMatchObject([{ ok: false, line: index + 1, recorded: { kind: "packetOut" } }]);
  });

  test("of a trace without data is refused", async () => {
    const name = file("story.trace");
    await cli(["sim", "replay", SCHEDULE, "--trace", name, "--trace-detail", "story"]);
    expect((await cli(["trace", name])).stdout).toContain("data moves from path 1 to path 2");
    const { status, stderr } = await cli(["trace", name, "--replay"]);
    expect(status).toBe(1);
    expect(stderr).toContain("[traceNotReplayable]");
  });

  test("sim failover --trace records the run with the longest gap", async () => {
    const name = file("failover.trace");
    const argv = ["sim", "failover", "--seeds", "2", "--rtt", "20", "--json"];
    const plain = await cli(argv);
    expect(await cli([...argv, "--trace", name])).toEqual(plain);
    const { gapMs } = JSON.parse(plain.stdout);
    expect(objects(await cli(["trace", name, "--json", "--host", "z"]))[0]).toMatchObject({
      longestTimeBetweenMessages: { ms: gapMs.max },
    });
  }, 60_000);
});

describe("--trace", () => {
  test("replaces a trace, and nothing else", async () => {
    const name = file("precious.txt");
    writeFileSync(name, "do not lose me");
    const { status, stderr } = await cli(["sim", "replay", SCHEDULE, "--trace", name]);
    expect(status).toBe(1);
    expect(stderr).toContain("[fileExists]");
    expect(readFileSync(name, "utf8")).toBe("do not lose me");
  });

  test("where it cannot be written is said at once", async () => {
    const { status, stderr } = await cli(["sim", "replay", SCHEDULE, "--trace", "no/such/x"]);
    expect(status).toBe(1);
    expect(stderr).toContain("[folderNotFound]");
  });

  test("of a peer that nobody hears: the story of an attempt, and its replay", async () => {
    const name = file("ping.trace");
    const argv = ["ping", "127.0.0.1:9", "--from", "127.0.0.1", "--timeout", "0.8"];
    const ping = await cli([...argv, "--trace", name]);
    expect(ping.status).toBe(3);
    expect(ping.stderr).toContain(`lines in ${name}`);
    const { stdout } = await cli(["trace", name]);
    expect(stdout).toMatch(/^opened by us, never up, ended after .*: aborted$/m);
    expect(stdout).toMatch(
      /no answer to the INIT: once more\n +\d\.\d{3} s {2}our application aborts/,
    );
    expect((await cli(["trace", name, "--replay"])).stdout).toMatch(/^equal/);
  });

  test("of a demonstration over real sockets: both ends replay to the same bytes", async () => {
    build();
    const name = file("demo.trace");
    const demo = await run("demo", "--size", "1", "--json", "--trace", name);
    expect(demo.status).toBe(0);
    for (const trace of [name, `${name}.receiver`]) {
      // User data is in it.
      expect(statSync(trace).mode & 0o077).toBe(0);
      const replayed = await cli(["trace", trace, "--replay", "--json"]);
      expect(objects(replayed)).toMatchObject([{ ok: true }]);
    }
    // The story has the switches that the application was told of, with the same stalls, and the cuts.
    const told = JSON.parse(demo.stdout).switchovers.map(
      (w: { cause: string; stallMs: number }) => ({ cause: w.cause, stallMs: w.stallMs }),
    );
    const [story] = objects(await cli(["trace", name, "--json"]));
    expect(story).toMatchObject({ switches: told });
    expect(JSON.stringify(story)).toMatch(/(wifi|cellular) is cut below the transport/);
  }, 120_000);
});
