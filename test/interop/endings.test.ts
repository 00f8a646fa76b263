import { join } from "node:path";
import { expect, jest } from "@jest/globals";
import {
  assoc,
  ends,
  type Interop,
  interopSuite,
  type StackPeer,
  sha256OfFile,
  sha256OfMessages,
} from "./interop-lab.js";

jest.setTimeout(180_000);

const MIB = 1 << 20;
const SIZE = 10_000;
const COUNT = 400;
const USER_INITIATED_ABORT = 12; // RFC 9260 section 3.3.10.12
const at = ends(["wifi", "lte"], 4);

interopSuite("ends of an association with usrsctp", [], (test) => {
  /** Slow enough that data is outstanding whenever we look, and without loss. */
  const slow = ({ lab }: Interop): Promise<void> =>
    lab.shape("wifi", { rate: "20mbit", delayMs: 20, queue: "1000ms" });

  test("we shut down with data outstanding: all arrives first", async (run) => {
    await slow(run);
    const out = join(run.lab.folder, "before-our-shutdown");
    const server = await run.usrsctpServer("discard", at, "--quiet", "--out", out);
    const ours = run.connect(at);
    await ours.waitFor("up");
    ours.command({ do: "send", count: COUNT, sizes: [SIZE] });
    await ours.waitFor("sent");
    ours.command({ do: "close" });
    expect(await ours.waitFor("ended")).toMatchObject({
      cause: "shutdown",
      faults: [],
      outcomes: { delivered: COUNT, failed: 0 },
    });
    await server.end();
    expect(sha256OfFile(out)).toBe(sha256OfMessages(COUNT, SIZE));
  });

  test("usrsctp shuts down with data outstanding: all arrives first", async (run) => {
    await slow(run);
    const ours = await run.listen(at);
    const sizes = ["--count", String(COUNT), "--size", String(SIZE)];
    const client = await run.usrsctpClient(at, ...sizes, "--sndbuf", String(8 * MIB));
    await ours.waitFor("up");
    expect(await ours.waitFor("ended")).toMatchObject({
      cause: "shutdown",
      faults: [],
      received: { messages: COUNT, sha256: sha256OfMessages(COUNT, SIZE) },
    });
    await client.end();
  });

  test("usrsctp shuts down while we send: what we had accepted arrives", async (run) => {
    await slow(run);
    const ours = await run.listen(at);
    const client = await run.usrsctpClient(
      at,
      ...["--count", "0", "--end", "none", "--at", "500:shutdown", "--quiet"],
    );
    await ours.waitFor("up");
    ours.command({ do: "send", count: 100_000, sizes: [SIZE] });
    await ours.waitFor("peerShutdown");
    const ended = await ours.waitFor("ended");
    const accepted = Number(ended["accepted"]);
    expect(accepted).toBeLessThan(100_000);
    expect(ended).toMatchObject({
      cause: "shutdown",
      faults: [],
      outcomes: { delivered: accepted, failed: 0, abandoned: 0 },
    });
    expect(ours.process.events("send-refused")).toHaveLength(1);
    await client.end();
    expect(client.events("done")[0]).toMatchObject({ bytes_back: accepted * SIZE });
  });

  test("usrsctp opened it, we shut down with data outstanding on both sides", async (run) => {
    await slow(run);
    const count = 100; // its data fills the queue, so that ours goes slowly
    const out = join(run.lab.folder, "before-our-shutdown-2");
    const ours = await run.listen(at);
    const client = await run.usrsctpClient(
      at,
      ...["--count", "100000", "--size", String(SIZE), "--end", "none", "--quiet", "--out", out],
      ...["--sndbuf", String(MIB)],
    );
    await ours.waitFor("up");
    ours.command({ do: "send", count, sizes: [SIZE] });
    await ours.waitFor("sent");
    await ours.waitForBytes("received", MIB);
    ours.command({ do: "close" });
    const ended = await ours.waitFor("ended");
    expect(ended).toMatchObject({
      cause: "shutdown",
      faults: [],
      outcomes: { delivered: count, failed: 0 },
    });
    // All that usrsctp had taken until our SHUTDOWN came has arrived.
    await client.waitFor(assoc("shutdown-complete"));
    const taken = Number((ended["received"] as Record<string, unknown>)["messages"]);
    expect(ended["received"]).toMatchObject({ sha256: sha256OfMessages(taken, SIZE) });
    expect(client.events("send-failed")).toEqual([]);
    await client.end();
    expect(sha256OfFile(out)).toBe(sha256OfMessages(count, SIZE));
  });

  test("we opened it, usrsctp shuts down with data outstanding on both sides", async (run) => {
    await slow(run);
    const sends = ["--count", String(COUNT), "--size", String(SIZE), "--sndbuf", String(8 * MIB)];
    const server = await run.usrsctpServer("source", at, ...sends, "--quiet");
    const ours = run.connect(at);
    await ours.waitFor("up");
    ours.command({ do: "send", count: 100_000, sizes: [SIZE] });
    await ours.waitFor("peerShutdown");
    const ended = await ours.waitFor("ended");
    const accepted = Number(ended["accepted"]);
    expect(accepted).toBeLessThan(100_000);
    expect(ended).toMatchObject({
      cause: "shutdown",
      faults: [],
      outcomes: { delivered: accepted, failed: 0, abandoned: 0 },
      received: { messages: COUNT, sha256: sha256OfMessages(COUNT, SIZE) },
    });
    await server.end();
    expect(server.events("end")[0]).toMatchObject({ bytes: accepted * SIZE });
  });

  test("both shut down at the same time", async (run) => {
    const server = await run.usrsctpServer("source", at, "--count", "1", "--quiet");
    const ours = run.connect(at);
    await ours.waitFor("up");
    ours.command({ do: "close" });
    expect(await ours.waitFor("ended")).toMatchObject({ cause: "shutdown", faults: [] });
    await server.waitFor(assoc("shutdown-complete"));
    await server.end();
  });

  test("we abort with data outstanding", async (run) => {
    await slow(run);
    const wifi = ends(["wifi"], 4);
    const server = await run.usrsctpServer("discard", wifi, "--quiet");
    const ours = run.connect(wifi);
    await ours.waitFor("up");
    ours.command({ do: "send", count: COUNT, sizes: [SIZE] });
    await ours.waitForBytes("acked", MIB);
    ours.command({ do: "abort", reason: "enough" });
    expectFailedData(await ours.waitFor("ended"), { cause: "aborted" });
    expect(await server.waitFor(assoc("comm-lost"))).toMatchObject({
      error: USER_INITIATED_ABORT,
    });
    await server.end();
  });

  test("usrsctp opened it, we abort with data outstanding on both sides", async (run) => {
    await slow(run);
    const wifi = ends(["wifi"], 4);
    const ours = await run.listen(wifi);
    const client = await run.usrsctpClient(
      wifi,
      ...["--count", "100000", "--size", String(SIZE), "--end", "none", "--quiet"],
    );
    await ours.waitFor("up");
    ours.command({ do: "send", count: COUNT, sizes: [SIZE] });
    await ours.waitForBytes("received", MIB);
    ours.command({ do: "abort", reason: "enough" });
    expectFailedData(await ours.waitFor("ended"), { cause: "aborted" });
    expect(await client.waitFor(assoc("comm-lost"))).toMatchObject({
      error: USER_INITIATED_ABORT,
    });
  });

  test("we opened it, usrsctp aborts with data outstanding on both sides", async (run) => {
    await slow(run);
    const wifi = ends(["wifi"], 4);
    const server = await run.usrsctpServer(
      "source",
      wifi,
      ...["--count", "100000", "--size", String(SIZE), "--quiet", "--at", "700:abort"],
    );
    const ours = run.connect(wifi);
    await ours.waitFor("up");
    ours.command({ do: "send", count: COUNT, sizes: [SIZE] });
    expectFailedData(await ours.waitFor("ended"), {
      cause: "abortedByPeer",
      causeCodes: [USER_INITIATED_ABORT],
      reason: "bye",
    });
    await server.waitFor(assoc("comm-lost"));
  });

  test("usrsctp aborts with data outstanding on both sides", async (run) => {
    await slow(run);
    // One path: on another, its answer to a packet of ours may overtake the ABORT.
    const wifi = ends(["wifi"], 4);
    const ours = await run.listen(wifi);
    const client = await run.usrsctpClient(
      wifi,
      ...["--count", String(COUNT), "--size", String(SIZE), "--quiet", "--end", "none"],
      ...["--at", "700:abort", "--sndbuf", String(8 * MIB)],
    );
    await ours.waitFor("up");
    ours.command({ do: "send", count: COUNT, sizes: [SIZE] });
    const ended = await ours.waitFor("ended");
    expectFailedData(ended, {
      cause: "abortedByPeer",
      causeCodes: [USER_INITIATED_ABORT],
      reason: "bye",
    });
    expect(ended["received"]).toMatchObject({ messages: expect.any(Number) });
    await client.waitFor(assoc("comm-lost"));
  });

  test("nobody listens on the port: refused by an ABORT", async (run) => {
    await run.usrsctpServer("echo", at, "--port", "5002");
    const ours = run.connect(at, "--port", "5001");
    expect(await ours.process.waitFor("connect-failed")).toMatchObject({
      code: "connectFailed",
      message: expect.stringMatching(/10\.1\.1\.2:5001.*ABORT/),
    });
    await run.clear();
    await run.listen(at, "--port", "5002");
    const client = await run.usrsctpClient(at, "--peer-port", "5001", "--count", "1");
    await client.waitFor(assoc("cant-start"));
  });

  test("usrsctp is killed and comes back on the same ports: a restart", async (run) => {
    // What reaches the new one before its INIT would end the association: no probes, no SACK that waits.
    const calm = { timing: "rfc", sackDelayMs: 0 };
    const ours = await run.listen(at, "--options", JSON.stringify(calm));
    const options = ["--port", "6001", "--size", "1000"];
    const killed = await run.usrsctpClient(at, ...options, "--count", "100000");
    await ours.waitForBytes("received", MIB);
    await killed.stop("SIGKILL");
    // What still waits in our socket is acknowledged, too.
    await new Promise((done) => setTimeout(done, 2000));
    const again = await run.usrsctpClient(at, ...options, "--count", "50", "--end", "none");
    await ours.waitFor("restarted");
    await again.waitFor("dry");
    ours.command({ do: "send", count: 20, sizes: [1000] });
    await again.waitFor((line) => line["ev"] === "msg" && line["ssn"] === 19);
    ours.command({ do: "close" });
    expect(await ours.waitFor("ended")).toMatchObject({
      cause: "shutdown",
      faults: [],
      outcomes: { delivered: 20, failed: 0 },
    });
    expect(ours.process.events("up")).toHaveLength(1);
    await again.end();
    expect(again.events("msg").map((m) => m["ssn"])).toEqual([...Array(20).keys()]);
    expect(again.events("sent")[0]).toMatchObject({ messages: 50 });
  });

  test("we are killed and come back on the same ports: a restart", async (run) => {
    const server = await run.usrsctpServer("echo", at, "--quiet");
    const port = ["--local-port", "6002", "--local-udp", "9900"];
    // With data of its own outstanding at the restart, usrsctp never sends again (docs/interop.md), so
    // all echoes are acknowledged before.
    const killed = run.connect(at, ...port, "--options", JSON.stringify({ sackDelayMs: 0 }));
    await killed.waitFor("up");
    killed.command({ do: "send", count: 500, sizes: [1000], echo: true });
    await killed.waitFor("echoed");
    await killed.untilReport(({ outcomes }) => (outcomes as Outcomes).delivered === 500);
    await killed.process.stop("SIGKILL");
    const ours = run.connect(at, ...port);
    await ours.waitFor("up");
    await server.waitFor(assoc("restart"));
    ours.command({ do: "send", count: 50, sizes: [1000], echo: true });
    await ours.waitFor("echoed");
    ours.command({ do: "close" });
    expect(await ours.waitFor("ended")).toMatchObject({ cause: "shutdown", faults: [] });
    await server.end();
  });

  test("we are killed while we send, and come back: a restart", async (run) => {
    const server = await run.usrsctpServer("discard", at);
    const port = ["--local-port", "6003"];
    const killed = run.connect(at, ...port, "--local-udp", "9900");
    await killed.waitFor("up");
    killed.command({ do: "send", count: 100_000, sizes: [1000] });
    await killed.waitForBytes("acked", MIB);
    await killed.process.stop("SIGKILL");
    // usrsctp takes no restart from another UDP port.
    const elsewhere = run.connect(at, ...port, "--local-udp", "9901");
    await elsewhere.process.waitFor("connect-failed");
    const ours = run.connect(at, ...port, "--local-udp", "9900");
    await ours.waitFor("up");
    await server.waitFor(assoc("restart"));
    ours.command({ do: "send", count: 50, sizes: [1000] });
    await ours.waitFor("sent");
    ours.command({ do: "close" });
    expect(await ours.waitFor("ended")).toMatchObject({
      cause: "shutdown",
      faults: [],
      outcomes: { delivered: 50, failed: 0 },
    });
    await server.end();
    const lines = server.lines;
    const anew = lines.slice(lines.findIndex(assoc("restart"))).filter((m) => m["ev"] === "msg");
    expect(anew.map((m) => m["ssn"])).toEqual([...Array(50).keys()]);
  });

  test("we opened it, usrsctp is killed and comes back as the one that opens: a restart", async (run) => {
    const server = await run.usrsctpServer("discard", at, "--quiet");
    // Strict timing: nothing of ours is to reach the new one before its INIT has reached us.
    const calm = ["--options", JSON.stringify({ timing: "rfc" })];
    const ours = run.connect(at, "--local-port", "6004", "--local-udp", "9900", ...calm);
    await ours.waitFor("up");
    ours.command({ do: "send", count: 50, sizes: [1000] });
    await ours.untilReport(({ outcomes }) => (outcomes as Outcomes).delivered === 50);
    await server.stop("SIGKILL");
    const again = await run.usrsctpClient(
      { host: at.server, server: at.host },
      ...["--port", "5001", "--peer-port", "6004", "--peer-encaps", "9900", "--size", "1000"],
      ...["--count", "50", "--end", "none"],
    );
    await ours.waitFor("restarted");
    ours.command({ do: "send", count: 20, sizes: [1000] });
    await again.waitFor((line) => line["ev"] === "msg" && line["ssn"] === 19);
    await again.waitFor("dry");
    ours.command({ do: "close" });
    expect(await ours.waitFor("ended")).toMatchObject({
      cause: "shutdown",
      faults: [],
      outcomes: { delivered: 70, failed: 0 },
      received: { messages: 50, sha256: sha256OfMessages(50, 1000) },
    });
    await again.end();
  });

  test("usrsctp is killed and a new one knows nothing of us", async (run) => {
    const server = await run.usrsctpServer("discard", at, "--quiet");
    const ours = run.connect(at);
    await ours.waitFor("up");
    ours.command({ do: "send", count: 100_000, sizes: [SIZE] });
    await ours.waitForBytes("acked", MIB);
    await server.stop("SIGKILL");
    await run.usrsctpServer("discard", at, "--quiet");
    expectFailedData(await ours.waitFor("ended"), { cause: "abortedByPeer" });
  });

  test("usrsctp is killed for good: unreachable, and every message has an outcome", async (run) => {
    const server = await run.usrsctpServer("discard", at, "--quiet");
    const sctp = { giveUpAfterMs: 1000, associationMaxRetrans: 4, rtoMaxMs: 300 };
    const ours = run.connect(at, "--options", JSON.stringify(sctp));
    await ours.waitFor("up");
    ours.command({ do: "send", count: 100_000, sizes: [SIZE] });
    await ours.waitForBytes("acked", MIB);
    await server.stop("SIGKILL");
    const ended = await ours.waitFor("ended");
    expectFailedData(ended, { cause: "unreachable" });
    expect((ended["tried"] as string[]).toSorted()).toEqual(at.server.split(","));
  });

  test("we are killed: usrsctp gives up", async (run) => {
    const timers = ["--rto", "100,100,200", "--hb", "200", "--path-rtx", "1", "--assoc-rtx", "3"];
    const server = await run.usrsctpServer("echo", at, "--quiet", ...timers);
    const ours = run.connect(at);
    await ours.waitFor("up");
    ours.command({ do: "send", count: 100_000, sizes: [SIZE], echo: true });
    await ours.waitForBytes("received", MIB);
    await ours.process.stop("SIGKILL");
    await server.waitFor(assoc("comm-lost"));
  });
});

/** How many messages of ours came to which end. */
interface Outcomes {
  readonly delivered: number;
  readonly failed: number;
  readonly abandoned: number;
}

/** The end came with messages outstanding: each has an outcome, and what failed came back whole. */
function expectFailedData(
  ended: Awaited<ReturnType<StackPeer["waitFor"]>>,
  wanted: Record<string, unknown>,
): void {
  const { delivered, failed, abandoned } = ended["outcomes"] as Outcomes;
  expect(ended).toMatchObject({ ...wanted, faults: [] });
  expect(failed).toBeGreaterThan(0);
  expect(abandoned).toBe(0);
  expect(delivered + failed).toBe(ended["accepted"]);
}
