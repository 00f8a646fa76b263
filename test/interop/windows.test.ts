import { join } from "node:path";
import { describe, expect, jest } from "@jest/globals";
import type { LabProcess } from "../lab/lab-process.js";
import {
  counter,
  ends,
  interopSuite,
  type StackPeer,
  sha256OfFile,
  sha256OfMessages,
} from "./interop-lab.js";

jest.setTimeout(180_000);

const SIZE = 10_000;
const at = ends(["wifi", "lte"], 4);
/** Probes soon, but no sooner than usrsctp's T3-rtx is reliable (docs/interop.md). */
const STEADY = ["--rto", "500,500,500"];
const QUICK = ["--options", JSON.stringify({ rtoMaxMs: 300 })];

interopSuite("windows with usrsctp", [], (test) => {
  test("we do not read, the window closes; we read, all is there", async (run) => {
    const ours = await run.listen(at, "--options", JSON.stringify({ receiveBufferBytes: 131_072 }));
    const client = await run.usrsctpClient(
      at,
      ...["--count", "200", "--size", String(SIZE), ...STEADY],
    );
    await ours.waitFor("up");
    ours.command({ do: "read", on: false });
    // Its window probes find no room.
    const full = await ours.untilReport((report) => counter(report, "dataNoWindow") >= 3);
    expect(Number((full["received"] as Record<string, unknown>)["bytes"])).toBeLessThan(200 * SIZE);
    expect(client.events("sent")).toHaveLength(0);
    ours.command({ do: "read", on: true });
    expect(await ours.waitFor("ended")).toMatchObject({
      cause: "shutdown",
      faults: [],
      received: { messages: 200, sha256: sha256OfMessages(200, SIZE) },
    });
    await client.end();
  });

  test("usrsctp reads late: we probe its window, all arrives", async (run) => {
    const count = 12;
    const size = 60_000;
    const out = join(run.lab.folder, "read-late");
    const slow = ["--slow-read", "400", "--rcvbuf", "65536"];
    const server = await run.usrsctpServer("discard", at, "--quiet", ...slow, "--out", out);
    const ours = run.connect(at);
    await ours.waitFor("up");
    ours.command({ do: "send", count, sizes: [size] });
    await ours.waitFor("sent");
    ours.command({ do: "close" });
    const ended = await ours.waitFor("ended");
    expect(ended).toMatchObject({
      cause: "shutdown",
      faults: [],
      outcomes: { delivered: count },
    });
    expect(counter(ended, "zeroWindowProbes")).toBeGreaterThan(0);
    expect(ours.process.events("path").filter((p) => p["kind"] === "inactive")).toEqual([]);
    await server.end();
    expect(sha256OfFile(out)).toBe(sha256OfMessages(count, size));
  });

  describe.each([
    { opener: "we", family: "IPv4", at },
    { opener: "usrsctp", family: "IPv6", at: ends(["wifi", "lte"], 6) },
  ] as const)("opened by: $opener, $family", ({ opener, at }) => {
    test("usrsctp never reads: we ask again and again, hold what the application may not send, and can abort", async (run) => {
      const options = ["--quiet", "--no-read", "--rcvbuf", "65536"];
      let ours: StackPeer;
      if (opener === "we") {
        await run.usrsctpServer("discard", at, ...options);
        ours = run.connect(at, ...QUICK);
      } else {
        ours = await run.listen(at, ...QUICK);
        await run.usrsctpClient(at, ...options, "--count", "0", "--end", "none");
      }
      await ours.waitFor("up");
      ours.command({ do: "send", count: 100_000, sizes: [SIZE] });
      // A probe that is not taken goes again with T3-rtx.
      const full = await ours.untilReport(
        (report) => counter(report, "zeroWindowProbes") + counter(report, "t3Expirations") >= 10,
      );
      expect(counter(full, "zeroWindowProbes")).toBeGreaterThan(0);
      // Its buffer and ours are full, and the application waits.
      expect(Number(full["accepted"])).toBeLessThan(1000);
      expect(full["outcomes"]).toMatchObject({ failed: 0, abandoned: 0 });
      expect(ours.process.events("path").filter((p) => p["kind"] === "inactive")).toEqual([]);
      expect(ours.process.events("ended")).toEqual([]);
      ours.command({ do: "abort" });
      const ended = await ours.waitFor("ended");
      const { delivered, failed } = ended["outcomes"] as Record<string, number>;
      expect(ended).toMatchObject({ cause: "aborted", faults: [] });
      expect(Number(delivered) + Number(failed)).toBe(ended["accepted"]);
    });

    test("we never read: what we hold is bounded, usrsctp asks again and again and can abort", async (run) => {
      const buffer = 131_072;
      const mine = ["--paused", "--options", JSON.stringify({ receiveBufferBytes: buffer })];
      const its = ["--count", "200", "--size", String(SIZE), ...STEADY, "--quiet"];
      const abort = ["--at", "4000:abort"];
      let ours: StackPeer;
      let usrsctp: LabProcess;
      if (opener === "we") {
        usrsctp = await run.usrsctpServer("source", at, ...its, ...abort);
        ours = run.connect(at, ...mine);
      } else {
        ours = await run.listen(at, ...mine);
        usrsctp = await run.usrsctpClient(at, ...its, ...abort);
      }
      await ours.waitFor("up");
      const full = await ours.untilReport((report) => counter(report, "dataNoWindow") >= 3);
      expect(full["received"]).toMatchObject({ messages: 0 });
      expect(usrsctp.events("assoc").map((line) => line["state"])).toEqual(["comm-up"]);
      expect(usrsctp.events("path").filter((p) => p["state"] === "unreachable")).toEqual([]);
      // What had come stays readable after its end.
      await ours.process.waitFor((line) => line["kind"] === "removed");
      ours.command({ do: "read", on: true });
      const ended = await ours.waitFor("ended");
      expect(ended).toMatchObject({ cause: "abortedByPeer", faults: [] });
      const { bytes, messages } = ended["received"] as Record<string, number>;
      expect(Number(messages)).toBeGreaterThan(0);
      expect(Number(bytes)).toBeLessThan(2 * buffer);
    });
  });
});
