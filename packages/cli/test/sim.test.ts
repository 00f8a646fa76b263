import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { FAILOVER_FAULTS, FAILOVER_TRAFFIC } from "@multihome/testkit";
import { FAULTS, TRAFFIC } from "../src/commands/sim-failover.js";
import { cli, objects } from "./capture-io.js";

describe("sim failover", () => {
  test("knows every fault and traffic of the test kit", () => {
    expect([FAULTS, TRAFFIC]).toEqual([FAILOVER_FAULTS, FAILOVER_TRAFFIC]);
  });

  test("--json tells the distribution of the gap, and nothing is lost", async () => {
    const run = await cli(["sim", "failover", "--seeds", "5", "--json"]);
    expect(run.status).toBe(0);
    expect(objects(run)).toMatchObject([
      {
        ok: true,
        runs: 5,
        fault: "blackhole",
        rttMs: 50,
        timing: "fast",
        gapMs: { p50: expect.any(Number), p99: expect.any(Number), max: expect.any(Number) },
        lost: 0,
        duplicated: 0,
        ended: 0,
      },
    ]);
  });

  test("the same seeds give the same output", async () => {
    const argv = ["sim", "failover", "--seeds", "3", "--first-seed", "40", "--rtt", "20"];
    expect(await cli(argv)).toEqual(await cli(argv));
  });

  test("draws the distribution", async () => {
    const run = await cli(["sim", "failover", "--seeds", "3", "--fault", "linkdown"]);
    expect(run.stdout).toContain("linkdown on the primary of 2 paths, round trip 50 ms, 3 runs");
    expect(run.stdout).toMatch(/ms {2}\d █/);
    expect(run.stdout).toMatch(/moved by +linkDown/);
  });

  test("the RFC's timers take the RFC's time: RTO.Min is 1 s", async () => {
    const [fast, rfc] = await Promise.all(
      ["fast", "rfc"].map((timing) =>
        cli(["sim", "failover", "--seeds", "2", "--timing", timing, "--json"]),
      ),
    );
    const max = (run: Awaited<ReturnType<typeof cli>> | undefined): number =>
      run === undefined ? Number.NaN : JSON.parse(run.stdout).gapMs.max;
    expect(max(rfc)).toBeGreaterThan(1000);
    expect(max(fast)).toBeLessThan(200);
  });

  test.each([
    [["--fault", "earthquake"]],
    [["--timing", "slow"]],
    [["--seeds", "0"]],
    [["--paths", "1"]],
    [["--failover-budget", "1"]],
  ])("%j is refused", async (options) => {
    const run = await cli(["sim", "failover", ...options]);
    expect([run.status, run.stdout]).toEqual([2, ""]);
  });
});

describe("sim schedules", () => {
  test.each([2, 3])("runs schedules over %d paths", async (paths) => {
    const run = await cli(["sim", "schedules", "--count", "5", "--paths", `${paths}`, "--json"]);
    expect(run.status).toBe(0);
    expect(objects(run)).toMatchObject([
      { ok: true, ran: 5, failed: 0, seed: 1, paths, first: null },
    ]);
  });
});

describe("sim replay", () => {
  const schedule = {
    seed: 7,
    topology: { delaysMs: [10, 25] },
    ops: [
      { op: "send", side: "a", bytes: 1000, count: 20 },
      { op: "cut", path: 0 },
      { op: "advance", ms: 500 },
    ],
  };

  test("runs a schedule given as text or in a file, the same", async () => {
    const folder = mkdtempSync(join(tmpdir(), "multihome-cli-"));
    try {
      const file = join(folder, "schedule.json");
      writeFileSync(file, JSON.stringify(schedule));
      const fromFile = await cli(["sim", "replay", file, "--json"]);
      const fromText = await cli(["sim", "replay", JSON.stringify(schedule), "--json"]);
      expect(fromFile).toEqual(fromText);
      expect(objects(fromText)).toMatchObject([{ ok: true, accepted: 20, delivered: 20 }]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each([
    ["{", "schedule: no JSON"],
    ["{}", "schedule.seed: got nothing"],
    [{ ...schedule, ops: [{ op: "explode" }] }, 'ops[0].op: got "explode"'],
    [{ ...schedule, ops: [{ op: "cut", path: 0, ms: 3 }] }, "ops[0].ms: not known"],
    [{ ...schedule, ops: [{ op: "cut" }] }, "ops[0].path: got nothing"],
    [{ ...schedule, topology: { delaysMs: [] } }, "topology.delaysMs: got []"],
    [{ ...schedule, ops: [{ op: "fault", fault: { kind: "x", path: 0 } }] }, 'kind: got "x"'],
  ])("%j is refused: %s", async (given, words) => {
    const text = typeof given === "string" ? given : JSON.stringify(given);
    const run = await cli(["sim", "replay", text, "--json"]);
    expect(run.status).toBe(2);
    expect(run.stderr).toContain(words);
  });
});
