import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { FAILOVER_FAULTS, FAILOVER_TRAFFIC } from "@multihome/testkit";
import { FAULTS, TRAFFIC } from "../src/commands/sim-failover.js";
import { cli, objects } from "./capture-io.js";
import { build, run } from "./processes.js";

describe("sim failover", () => {
  test("knows every fault and traffic of the test kit", () => {
    expect([FAULTS, TRAFFIC]).toEqual([FAILOVER_FAULTS, FAILOVER_TRAFFIC]);
  });

  test("--json tells the distribution of the gap, and nothing is lost", async () => {
    const done = await cli(["sim", "failover", "--seeds", "5", "--json"]);
    expect(done.status).toBe(0);
    expect(objects(done)).toMatchObject([
      {
        ok: true,
        runs: 5,
        fault: "blackhole",
        rttMs: 50,
        timing: "fast",
        gapMs: { p50: expect.any(Number), p99: expect.any(Number), max: expect.any(Number) },
        lost: 0,
        duplicated: 0,
        reordered: 0,
        ended: 0,
        usedAgain: 5,
      },
    ]);
  });

  test("the same seeds give the same output", async () => {
    const argv = ["sim", "failover", "--seeds", "3", "--first-seed", "40", "--rtt", "20"];
    expect(await cli(argv)).toEqual(await cli(argv));
  });

  test("draws the distribution", async () => {
    const done = await cli(["sim", "failover", "--seeds", "3", "--fault", "linkdown"]);
    expect(done.stdout).toContain(
      "linkdown on the primary of 2 paths, round trip 50 ms, traffic aToZ, 3 runs",
    );
    expect(done.stdout).toMatch(/ms {2}\d █/);
    expect(done.stdout).toMatch(/moved by +linkDown/);
  });

  test("lists are measured in every combination, a line each", async () => {
    const argv = [
      "sim",
      "failover",
      "--seeds",
      "1",
      "--fault",
      "icmp,none",
      "--traffic",
      "idle,both",
    ];
    const done = await cli([...argv, "--rtt", "5,20", "--paths", "2,3"]);
    expect(done.status).toBe(0);
    const lines = done.stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(1 + 2 * 2 * 2 * 2);
    expect(lines[0]).toMatch(/^fault +traffic +rtt ms +paths +half ms/);
    expect(lines[4]).toMatch(/^icmp +idle +20 +3 .* 1\/1 +\d+$/);
    const [result] = objects(await cli([...argv, "--json"]));
    expect(result).toMatchObject({
      ok: true,
      cells: [
        { fault: "icmp", traffic: "idle", rttMs: 50, paths: 2, runs: 1 },
        { fault: "icmp", traffic: "both" },
        { fault: "none", traffic: "idle" },
        { fault: "none", traffic: "both" },
      ],
    });
  }, 60_000);

  test("all is every fault and every traffic", async () => {
    const argv = [
      "sim",
      "failover",
      "--seeds",
      "1",
      "--fault",
      "all",
      "--traffic",
      "all",
      "--json",
    ];
    const [result] = objects(await cli(argv));
    expect(result).toMatchObject({ ok: true });
    expect(result).toHaveProperty("cells.length", FAULTS.length * TRAFFIC.length);
  }, 60_000);

  test("the result does not depend on the number of threads", async () => {
    build();
    const argv = ["sim", "failover", "--seeds", "21", "--fault", "linkdown", "--traffic", "idle"];
    const one = await run(...argv, "--json", "--jobs", "1");
    const three = await run(...argv, "--json", "--jobs", "3");
    expect(objects(one)).toMatchObject([{ ok: true, runs: 21 }]);
    expect(three).toEqual(one);
  }, 60_000);

  test("the RFC's timers take the RFC's time: RTO.Min is 1 s", async () => {
    const [fast, rfc] = await Promise.all(
      ["fast", "rfc"].map((timing) =>
        cli(["sim", "failover", "--seeds", "2", "--timing", timing, "--json"]),
      ),
    );
    const max = (done: Awaited<ReturnType<typeof cli>> | undefined): number =>
      done === undefined ? Number.NaN : JSON.parse(done.stdout).gapMs.max;
    expect(max(rfc)).toBeGreaterThan(1000);
    expect(max(fast)).toBeLessThan(200);
  });

  test.each([
    [["--fault", "earthquake"]],
    [["--fault", "icmp,"]],
    [["--traffic", "none"]],
    [["--rtt", "50,-1"]],
    [["--jobs", "0"]],
    [["--timing", "slow"]],
    [["--seeds", "0"]],
    [["--paths", "1"]],
    [["--failover-budget", "1"]],
  ])("%j is refused", async (options) => {
    const done = await cli(["sim", "failover", ...options]);
    expect([done.status, done.stdout]).toEqual([2, ""]);
  });
});

describe("sim schedules", () => {
  test.each([2, 3])("runs schedules over %d paths", async (paths) => {
    const done = await cli(["sim", "schedules", "--count", "5", "--paths", `${paths}`, "--json"]);
    expect(done.status).toBe(0);
    expect(objects(done)).toMatchObject([
      { ok: true, ran: 5, failed: 0, seed: 1, paths, first: null },
    ]);
  });

  test("parts of a seed are the whole", async () => {
    const delivered = async (...options: string[]): Promise<unknown> => {
      const done = await cli([
        "sim",
        "schedules",
        "--seed",
        "5",
        "--max-ops",
        "8",
        "--json",
        ...options,
      ]);
      expect(done.status).toBe(0);
      return JSON.parse(done.stdout).delivered;
    };
    const whole = await delivered("--count", "12");
    const first = await delivered("--count", "7");
    expect(Number(first) + Number(await delivered("--count", "5", "--first", "7"))).toBe(whole);
  });

  test("mere disturbances move nothing", async () => {
    const done = await cli(["sim", "schedules", "--disturbances", "--count", "10", "--json"]);
    expect(objects(done)).toMatchObject([{ ok: true, ran: 10, failed: 0 }]);
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
    const done = await cli(["sim", "replay", text, "--json"]);
    expect(done.status).toBe(2);
    expect(done.stderr).toContain(words);
  });
});
