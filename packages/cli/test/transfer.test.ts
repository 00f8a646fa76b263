import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { cli, objects } from "./capture-io.js";
import { build, Running, run } from "./processes.js";

jest.setTimeout(60_000);

let folder = "";
let running: Running[] = [];
beforeAll(build);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "multihome-transfer-"));
  running = [];
});
afterEach(async () => {
  for (const each of running) each.kill("SIGKILL");
  await rm(folder, { recursive: true });
});

function start(argv: readonly string[], stdin?: "pipe"): Running {
  const started = new Running(argv, stdin);
  running.push(started);
  return started;
}

/** Starts a receiver on a free port; resolves with where it listens. */
async function receiver(out: string, ...more: string[]): Promise<{ at: string; process: Running }> {
  const process = start(["receive", "--listen", "127.0.0.1:0", "--out", out, ...more]);
  const [, at = ""] = await process.says(/listening on (\S+)\n/);
  return { at, process };
}

const make = (name: string, bytes: Uint8Array | string): string => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};

const files = (): string[] => readdirSync(folder).sort();

describe("send and receive", () => {
  test.each([0, 1, 1_000_003])(
    "a file of %d bytes arrives, and both tell its hash",
    async (size) => {
      const bytes = randomBytes(size);
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      const { at, process } = await receiver(join(folder, "out"), "--json");
      const sent = await run("send", make("in", bytes), "--to", at, "--json");
      const received = await process.ended;
      expect([sent.status, received.status]).toEqual([0, 0]);
      expect(objects(sent)).toMatchObject([{ ok: true, bytes: size, sha256, switchovers: [] }]);
      expect(objects(received)).toMatchObject([{ ok: true, bytes: size, sha256, name: "in" }]);
      expect(Buffer.compare(readFileSync(join(folder, "out")), bytes)).toBe(0);
      expect(files()).toEqual(["in", "out"]);
    },
  );

  test("standard input arrives on standard output", async () => {
    const { at, process } = await receiver("-");
    const sender = start(["send", "-", "--to", at], "pipe");
    sender.write("one\n");
    sender.write("two\n");
    sender.endInput();
    expect((await sender.ended).status).toBe(0);
    expect(await process.ended).toMatchObject({ status: 0, stdout: "one\ntwo\n" });
  });

  test("a folder takes files under their names, and replaces none", async () => {
    mkdirSync(join(folder, "inbox"));
    const { at, process } = await receiver(join(folder, "inbox"), "--keep", "--json");
    for (const name of ["a", "b"]) {
      expect((await run("send", make(name, name), "--to", at)).status).toBe(0);
    }
    const again = await run("send", make("a", "other"), "--to", at, "--json");
    process.kill("SIGINT");
    expect(objects(again)).toMatchObject([
      { code: "refusedByReceiver", details: { code: "fileExists" } },
    ]);
    expect((await process.ended).status).toBe(130);
    expect(readdirSync(join(folder, "inbox")).sort()).toEqual(["a", "b"]);
    expect(readFileSync(join(folder, "inbox", "a"), "utf8")).toBe("a");
  });

  test("a receiver that is busy says so to the next sender, and goes on", async () => {
    const { at, process } = await receiver(join(folder, "out"));
    const first = start(["send", "-", "--to", at], "pipe");
    first.write("x".repeat(100_000));
    await untilStoring();
    const second = await run("send", make("in", "x"), "--to", at, "--json");
    expect(objects(second)).toMatchObject([
      { code: "refusedByReceiver", details: { code: "busy" } },
    ]);
    first.endInput();
    expect([(await first.ended).status, (await process.ended).status]).toEqual([0, 0]);
  });
});

/** Waits until a receiver has made its temporary file. */
async function untilStoring(): Promise<void> {
  while (!files().some((name) => name.endsWith(".part"))) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe("when one end goes in the middle", () => {
  async function halfWay(): Promise<{ sender: Running; process: Running }> {
    const { at, process } = await receiver(join(folder, "out"), "--json", "--give-up", "1");
    const sender = start(["send", "-", "--to", at, "--give-up", "1", "--json"], "pipe");
    sender.write("x".repeat(100_000));
    await untilStoring();
    return { sender, process };
  }

  test("killed: the sender ends in bounded time, and nothing has the file's name", async () => {
    const { sender, process } = await halfWay();
    process.kill("SIGKILL");
    sender.write("y");
    const sent = await sender.ended;
    expect(sent.status).toBe(3);
    expect(objects(sent)).toMatchObject([
      { ok: false, code: "peerLost", details: { tried: ["127.0.0.1"] } },
    ]);
    expect(existsSync(join(folder, "out"))).toBe(false);
  });

  test("killed: the receiver ends in bounded time, and leaves nothing", async () => {
    const { sender, process } = await halfWay();
    sender.kill("SIGKILL");
    const received = await process.ended;
    expect(received.status).toBe(3);
    expect(objects(received)).toMatchObject([{ ok: false, code: "peerLost" }]);
    expect(files()).toEqual([]);
  });

  test.each(["SIGINT", "SIGTERM"] as const)(
    "%s at the sender: the receiver learns it",
    async (signal) => {
      const { sender, process } = await halfWay();
      sender.kill(signal);
      const [sent, received] = await Promise.all([sender.ended, process.ended]);
      expect(sent.status).toBe(signal === "SIGINT" ? 130 : 143);
      expect(objects(received)).toMatchObject([
        { code: "peerAborted", details: { reason: "the sender was stopped" } },
      ]);
      expect(received.status).toBe(1);
      expect(files()).toEqual([]);
    },
  );

  test("Ctrl-C at the receiver: the sender learns it, nothing is left", async () => {
    const { sender, process } = await halfWay();
    process.kill("SIGINT");
    const [sent, received] = await Promise.all([sender.ended, process.ended]);
    expect(received.status).toBe(130);
    expect(objects(received)).toMatchObject([{ code: "interrupted" }]);
    expect(objects(sent)).toMatchObject([
      { code: "peerAborted", details: { reason: "the receiver was stopped" } },
    ]);
    expect(files()).toEqual([]);
  });
});

describe("refusals", () => {
  test("nobody there: in bounded time, with every address that was tried", async () => {
    const file = make("in", "x");
    const sent = await run(
      "send",
      file,
      "--to",
      "127.0.0.1:9,127.0.0.2:9",
      "--timeout",
      "0.5",
      "--json",
    );
    expect(sent.status).toBe(3);
    expect(objects(sent)).toMatchObject([
      { code: "unreachable", details: { tried: ["127.0.0.1:9", "127.0.0.2:9"] } },
    ]);
    expect(sent.stderr).toContain("127.0.0.1:9, 127.0.0.2:9");
  });

  test("a port in use", async () => {
    const { at } = await receiver(join(folder, "out"));
    const second = await run("receive", "--listen", at, "--out", join(folder, "x"), "--json");
    expect(second.status).toBe(1);
    expect(objects(second)).toMatchObject([{ code: "addressInUse" }]);
    expect(second.stderr).toContain(at);
  });

  const fullDisk = existsSync("/dev/full") ? test : test.skip;
  fullDisk("a full disk is told at both ends", async () => {
    const { at, process } = await receiver("/dev/full", "--json");
    const sent = await run("send", make("in", randomBytes(300_000)), "--to", at, "--json");
    const received = await process.ended;
    expect([sent.status, received.status]).toEqual([1, 1]);
    expect(objects(received)).toMatchObject([{ code: "diskFull" }]);
    expect(objects(sent)).toMatchObject([
      { code: "refusedByReceiver", details: { code: "diskFull" } },
    ]);
    expect(sent.stderr).toContain("no space left on the device");
  });

  test.each([
    [["send", "no-such-file", "--to", "127.0.0.1:5"], 1, "fileNotFound"],
    [["send", ".", "--to", "127.0.0.1:5"], 1, "isDirectory"],
    [["send", "package.json"], 2, "usage"],
    [["send", "LICENSE", "--to", "127.0.0.1"], 2, "invalidAddress"],
    [["send", "LICENSE", "--to", "127.0.0.300:5"], 2, "invalidAddress"],
    [["send", "LICENSE", "--to", "127.0.0.1:5,127.0.0.2:6"], 2, "portsDiffer"],
    [["send", "LICENSE", "--to", "127.0.0.1:5", "--from", "192.0.2.1"], 2, "noUsableAddress"],
    [["send", "LICENSE", "--to", "192.0.2.1:5", "--from", "127.0.0.1"], 2, "noUsableAddress"],
    [["receive", "--listen", "192.0.2.1:5", "--out", "x"], 2, "noUsableAddress"],
    [["receive", "--listen", "127.0.0.1:0", "--out", "no/such/folder"], 1, "folderNotFound"],
    [["receive", "--listen", "127.0.0.1:0", "--out", "-"], 2, "invalidOption"],
    [["ping", "127.0.0.1:9", "--timeout", "0.3"], 3, "unreachable"],
    [["demo", "--file", "no-such-file"], 1, "fileNotFound"],
    [["demo", "--file", "."], 1, "notAFile"],
  ])("%j: status %d, code %s", async (argv, status, code) => {
    const refused = await cli([...argv, "--json"]);
    expect([refused.status, objects(refused)]).toMatchObject([status, [{ ok: false, code }]]);
    expect(refused.stderr).toMatch(/^error: /m);
  });
});

test("ping shows every path, and a receiver does not take it for a sender", async () => {
  const { at, process } = await receiver(join(folder, "out"));
  const pinged = await run("ping", at, "--count", "2", "--interval", "10", "--json");
  expect(pinged.status).toBe(0);
  expect(objects(pinged)).toMatchObject([
    {
      ok: true,
      to: [at],
      paths: [{ local: "127.0.0.1", remote: "127.0.0.1", sent: 2, answered: 2, lossPercent: 0 }],
    },
  ]);
  expect((await run("send", make("in", "x"), "--to", at)).status).toBe(0);
  expect((await process.ended).status).toBe(0);
});

test("demo: cuts paths, keeps the file, and tells it in one object", async () => {
  const demo = await run("demo", "--size", "4", "--json");
  expect(demo.status).toBe(0);
  const [result] = objects(demo);
  expect(result).toMatchObject({
    ok: true,
    bytes: 4 << 20,
    longestGapMs: expect.any(Number),
    cuts: [{ paths: ["wifi"] }, { paths: ["cellular"] }, { paths: ["wifi", "cellular"] }],
    paths: expect.arrayContaining([
      {
        name: "wifi",
        local: expect.any(String),
        remote: expect.any(String),
        bytesSent: expect.any(Number),
        srttMs: expect.any(Number),
        events: expect.arrayContaining([expect.objectContaining({ kind: "confirmed" })]),
      },
    ]),
    switchovers: expect.arrayContaining([
      {
        atMs: expect.any(Number),
        from: expect.objectContaining({ name: "wifi" }),
        to: expect.objectContaining({ name: "cellular" }),
        cause: expect.any(String),
        stallMs: expect.any(Number),
      },
    ]),
  });
  expect(result).toHaveProperty("sha256Sent", expect.stringMatching(/^[0-9a-f]{64}$/));
  expect(Reflect.get(Object(result), "sha256Received")).toBe(
    Reflect.get(Object(result), "sha256Sent"),
  );
});

test("a reader that has seen enough ends the command quietly", async () => {
  const recording = new URL("../../../test/recordings/sctp-loss.pcap", import.meta.url).pathname;
  const { spawnSync } = await import("node:child_process");
  const main = new URL("../dist/main.js", import.meta.url).pathname;
  const piped = spawnSync("sh", [
    "-c",
    `"${process.execPath}" "${main}" decode --tree "${recording}" | head -n 1; exit`,
  ]);
  expect(String(piped.stderr)).toBe("");
  expect(String(piped.stdout).split("\n")).toHaveLength(2);
});
