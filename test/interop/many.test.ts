import { expect, jest } from "@jest/globals";
import type { LabLine } from "../lab/lab-process.js";
import {
  ends,
  fnv,
  fnvText,
  interopSuite,
  messageBytes,
  sha256OfMessages,
  WAIT_MS,
} from "./interop-lab.js";

jest.setTimeout(180_000);

const ASSOCIATIONS = 500;
const COUNT = 5;
const SIZE = 1500;
const at = ends(["wifi", "lte"], 4);
const at6 = ends(["wifi", "lte"], 6);
const all = [...Array(ASSOCIATIONS).keys()];

/** The sum that usrsctp has over all messages of association k; the messages repeat after 256. */
const SUMS = all.slice(0, 256).map((k) => {
  let sum = fnv(new Uint8Array(0));
  for (let n = 0; n < COUNT; n++) sum = fnv(messageBytes(k + n, SIZE), sum);
  return fnvText(sum);
});

const byConn = (lines: readonly LabLine[]): LabLine[] =>
  lines.toSorted((a, b) => Number(a["conn"]) - Number(b["conn"]));

/** Each of ours was closed in good order, with everything delivered. */
function expectGoodEnds(ended: readonly LabLine[]): void {
  expect(ended).toHaveLength(ASSOCIATIONS);
  for (const line of ended) {
    expect(line).toMatchObject({
      cause: "shutdown",
      faults: [],
      outcomes: { delivered: COUNT, failed: 0, abandoned: 0 },
      received: { messages: COUNT },
    });
  }
}

interopSuite("500 associations at once with one usrsctp, over two paths", [], (test) => {
  const EVERY = String(ASSOCIATIONS);

  test("we connect, usrsctp echoes, we shut down, IPv4", async (run) => {
    const server = await run.usrsctpServer("echo", at, "--accept", EVERY, "--quiet");
    const ours = run.connect(at, "--count", EVERY);
    ours.commandAll({ do: "send", count: COUNT, sizes: [SIZE], echo: true });
    // All of them are up at the same time before the first one ends.
    await ours.process.waitFor(() => ours.process.events("echoed").length === ASSOCIATIONS, {
      timeoutMs: 2 * WAIT_MS,
    });
    expect(ours.process.events("up")).toHaveLength(ASSOCIATIONS);
    expect(ours.process.events("ended")).toEqual([]);
    ours.commandAll({ do: "close" });
    await ours.process.end(WAIT_MS);
    const ended = byConn(ours.process.events("ended"));
    expectGoodEnds(ended);
    await server.end(WAIT_MS);
    expect(
      server
        .events("end")
        .map((line) => line["fnv"])
        .toSorted(),
    ).toEqual(all.map((k) => SUMS[k % 256]).toSorted());
    expect(server.events("stats")[0]).toMatchObject({ bad_checksum: 0, bad_vtag: 0 });
  });

  test("usrsctp connects, we echo, usrsctp shuts down, IPv6", async (run) => {
    const ours = await run.listen(at6, "--accept", EVERY, "--echo");
    const client = await run.usrsctpClient(
      at6,
      ...["--assocs", EVERY, "--count", String(COUNT), "--size", String(SIZE)],
      // None ends before all have been up for a while.
      ...["--wait-echo", "--quiet", "--at", "20000:status"],
    );
    await ours.process.waitFor(() => ours.process.events("up").length === ASSOCIATIONS, {
      timeoutMs: 2 * WAIT_MS,
    });
    expect(ours.process.events("ended")).toEqual([]);
    await ours.process.end(2 * WAIT_MS);
    const ended = ours.process.events("ended");
    expectGoodEnds(ended);
    const hash = (line: LabLine): unknown => (line["received"] as LabLine)["sha256"];
    const wanted = all.slice(0, 256).map((k) => sha256OfMessages(COUNT, SIZE, k));
    expect(ended.map(hash).toSorted()).toEqual(all.map((k) => wanted[k % 256]).toSorted());
    expect(await client.end(WAIT_MS)).toEqual({ code: 0, signal: null });
    expect(byConn(client.events("end")).map((line) => line["fnv"])).toEqual(
      all.map((k) => SUMS[k % 256]),
    );
    expect(client.events("stats")[0]).toMatchObject({ bad_checksum: 0, bad_vtag: 0 });
  });
});
