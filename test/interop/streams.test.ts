import { join } from "node:path";
import { describe, expect, jest } from "@jest/globals";
import {
  counter,
  ends,
  fnv,
  fnvText,
  interopSuite,
  messageBytes,
  sha256OfFile,
  sha256OfMessages,
} from "./interop-lab.js";

jest.setTimeout(180_000);

const STREAMS = 1000;
const COUNT = 3000;
const OPTIONS = JSON.stringify({ streams: STREAMS });
const at = ends(["wifi", "lte"], 4);
const mixed = ends(["wifi", "lte"], 4, 6);

/** Every size at which something changes: a chunk's, a packet's, a window's. */
const SIZES = [
  ...[
    1, 2, 3, 4, 5, 7, 8, 100, 535, 536, 1171, 1172, 1400, 1411, 1412, 1413, 1440, 1452, 1472, 1500,
  ],
  ...[
    2823, 2824, 2825, 4095, 4096, 9000, 16_384, 65_535, 65_536, 65_537, 131_072, 200_001, 262_144,
  ],
];

interopSuite("streams and sizes with usrsctp", [], (test) => {
  describe.each([
    { unordered: false, family: "IPv6", at: ends(["wifi", "lte"], 6) },
    { unordered: true, family: "IPv4", at },
  ])("1,000 streams, unordered: $unordered, $family", ({ unordered, at }) => {
    test("we connect, usrsctp echoes", async (run) => {
      const options = ["--quiet", "--streams", `${STREAMS}:${STREAMS}`];
      const server = await run.usrsctpServer("echo", at, ...options);
      const ours = run.connect(at, "--options", OPTIONS);
      expect(await ours.waitFor("up")).toMatchObject({ out: STREAMS, in: STREAMS });
      const sizes = [10, 700, 1500, 4000];
      ours.command({
        do: "send",
        count: COUNT,
        sizes,
        streams: STREAMS,
        unordered,
        echo: true,
      });
      await ours.waitFor("echoed");
      ours.command({ do: "close" });
      expect(await ours.waitFor("ended")).toMatchObject({
        cause: "shutdown",
        faults: [],
        outcomes: { delivered: COUNT, failed: 0, abandoned: 0 },
        received: { messages: COUNT },
      });
      await server.end();
    });

    test("usrsctp connects, we echo", async (run) => {
      const ours = await run.listen(
        at,
        ...["--echo", "--check-streams", String(STREAMS), "--options", OPTIONS],
      );
      const client = await run.usrsctpClient(
        at,
        ...["--streams", `${STREAMS}:${STREAMS}`, "--use-streams", String(STREAMS)],
        ...["--count", String(COUNT), "--size", "1500", "--wait-echo"],
        ...(unordered ? ["--unordered"] : []),
      );
      expect(await ours.waitFor("up")).toMatchObject({ out: STREAMS, in: STREAMS });
      await client.waitFor("done");
      await client.end();
      expect(await ours.waitFor("ended")).toMatchObject({
        cause: "shutdown",
        faults: [],
        outcomes: { delivered: COUNT, failed: 0, abandoned: 0 },
        received: { messages: COUNT },
      });
      const echoes = client.events("msg");
      expect(echoes).toHaveLength(COUNT);
      expect(new Set(echoes.map((m) => m["unordered"]))).toEqual(new Set([unordered]));
      const wanted = Array.from({ length: 256 }, (_, n) => fnvText(fnv(messageBytes(n, 1500))));
      const perStream = new Map<unknown, number>();
      for (const { sid, fnv: sum } of echoes as { sid: number; fnv: string }[]) {
        const k = perStream.get(sid) ?? 0;
        perStream.set(sid, k + 1);
        if (!unordered) expect(sum).toBe(wanted[(sid + k * STREAMS) % 256]);
      }
      expect([...perStream.values()].every((k) => k === COUNT / STREAMS)).toBe(true);
      expect(echoes.map((m) => m["fnv"]).toSorted()).toEqual(
        echoes.map((_, n) => wanted[n % 256]).toSorted(),
      );
    });
  });

  test("messages of 1 byte to 256 KiB, there and back", async (run) => {
    const server = await run.usrsctpServer("echo", at, "--quiet", "--sndbuf", String(1 << 20));
    const ours = run.connect(at);
    await ours.waitFor("up");
    const count = 2 * SIZES.length;
    ours.command({ do: "send", count, sizes: SIZES, streams: 3, echo: true });
    await ours.waitFor("echoed");
    const from = ours.said;
    ours.command({ do: "send", count, sizes: SIZES, streams: 3, unordered: true, echo: true });
    await ours.waitFor("echoed", from);
    ours.command({ do: "close" });
    expect(await ours.waitFor("ended")).toMatchObject({
      cause: "shutdown",
      faults: [],
      outcomes: { delivered: 2 * count, failed: 0, abandoned: 0 },
    });
    await server.end();
  });

  test("messages of 4 MiB, larger than either window", async (run) => {
    const size = 4 << 20;
    const server = await run.usrsctpServer("echo", at, "--quiet", "--sndbuf", String(2 * size));
    const ours = run.connect(at, "--options", JSON.stringify({ receiveBufferBytes: 1 << 20 }));
    await ours.waitFor("up");
    ours.command({ do: "send", count: 3, sizes: [size], echo: true });
    await ours.waitFor("echoed");
    ours.command({ do: "close" });
    const ended = await ours.waitFor("ended");
    expect(ended).toMatchObject({
      cause: "shutdown",
      faults: [],
      outcomes: { delivered: 3, failed: 0, abandoned: 0 },
      received: { messages: 3, bytes: 3 * size },
    });
    expect(counter(ended, "partialDeliveries")).toBeGreaterThan(0);
    await server.end();
  });

  test.each([
    { size: 1, count: 40 },
    { size: 262_144, count: 40 },
    { size: 4 << 20, count: 3 },
  ])("usrsctp connects, messages there and back, of $size bytes", async (run, { size, count }) => {
    const out = join(run.lab.folder, `echoes-of-${size}`);
    const window = JSON.stringify({ receiveBufferBytes: 1 << 20 });
    const ours = await run.listen(mixed, "--echo", "--options", window);
    const client = await run.usrsctpClient(
      mixed,
      ...["--count", String(count), "--size", String(size), "--sndbuf", String(8 << 20)],
      ...["--wait-echo", "--quiet", "--out", out],
    );
    expect(await client.end()).toEqual({ code: 0, signal: null });
    const ended = await ours.waitFor("ended");
    expect(ended).toMatchObject({
      cause: "shutdown",
      faults: [],
      received: { messages: count, sha256: sha256OfMessages(count, size) },
      outcomes: { delivered: count, failed: 0, abandoned: 0 },
    });
    if (size > 1 << 20) expect(counter(ended, "partialDeliveries")).toBeGreaterThan(0);
    expect(client.events("end")[0]).toMatchObject({ messages: count });
    expect(sha256OfFile(out)).toBe(sha256OfMessages(count, size));
  });
});
