import { describe, expect, jest } from "@jest/globals";
import { assoc, ends, FAST_USRSCTP, interopSuite, sha256OfMessages } from "./interop-lab.js";

jest.setTimeout(180_000);

interopSuite("set-up, echo and shutdown with usrsctp", [], (test) => {
  const CASES = [
    { title: "IPv4", at: ends(["wifi"], 4) },
    { title: "IPv6", at: ends(["wifi"], 6) },
    { title: "IPv4 over two paths", at: ends(["wifi", "lte"], 4) },
    { title: "IPv6 over two paths", at: ends(["wifi", "lte"], 6) },
    { title: "IPv4 and IPv6 in one association", at: ends(["wifi", "lte"], 4, 6) },
  ];
  const COUNT = 100;
  const SIZES = [1, 2, 3, 4, 5, 999, 1440, 1441, 5000];

  describe.each(CASES)("$title", ({ at }) => {
    test("we connect, usrsctp echoes, we shut down", async (lab) => {
      const server = await lab.usrsctpServer("echo", at);
      const ours = lab.connect(at);
      const up = await ours.waitFor("up");
      expect(up).toMatchObject({ incoming: false, out: 64, in: 10 });
      ours.command({ do: "send", count: COUNT, sizes: SIZES, streams: 5, echo: true });
      await ours.waitFor("echoed");
      for (const [i, local] of at.host.split(",").entries()) {
        const pair = `${local}>${at.server.split(",")[i]}`;
        await ours.waitForPath("confirmed", (line) => line["path"] === pair);
        await server.waitFor(
          (line) =>
            line["ev"] === "path" && line["addr"] === local && line["state"] === "confirmed",
        );
      }
      ours.command({ do: "close" });
      const ended = await ours.waitFor("ended");
      expect(ended).toMatchObject({
        cause: "shutdown",
        faults: [],
        outcomes: { delivered: COUNT, failed: 0, abandoned: 0 },
        received: { messages: COUNT },
      });
      await server.waitFor(assoc("shutdown-complete"));
      await server.end();
      expect(server.events("end")[0]).toMatchObject({ messages: COUNT });
      expect(server.events("stats")[0]).toMatchObject({ bad_checksum: 0, bad_vtag: 0 });
      expect(await ours.process.end()).toEqual({ code: 0, signal: null });
    });

    test("usrsctp connects, we echo, usrsctp shuts down", async (lab) => {
      const ours = await lab.listen(at, "--echo");
      const client = await lab.usrsctpClient(
        at,
        ...["--count", String(COUNT), "--size", "1500", "--use-streams", "5", "--wait-echo"],
      );
      expect(await ours.waitFor("up")).toMatchObject({ incoming: true, out: 64, in: 10 });
      expect(await client.end()).toEqual({ code: 0, signal: null });
      expect(await ours.waitFor("ended")).toMatchObject({
        cause: "shutdown",
        faults: [],
        outcomes: { delivered: COUNT, failed: 0, abandoned: 0 },
        received: { messages: COUNT, bytes: COUNT * 1500 },
      });
      expect(client.events("msg")).toHaveLength(COUNT);
      expect(client.events("stats")[0]).toMatchObject({ bad_checksum: 0, bad_vtag: 0 });
    });
  });

  const both = ends(["wifi", "lte"], 4);

  test("with the timing of the RFC: 1 MiB each way, opened by each side", async (run) => {
    const rfc = ["--options", JSON.stringify({ timing: "rfc" })];
    const message = { count: 256, size: 4096 };
    const server = await run.usrsctpServer("echo", both, "--quiet");
    const a = run.connect(both, ...rfc);
    await a.waitFor("up");
    a.command({ do: "send", count: message.count, sizes: [message.size], echo: true });
    await a.waitFor("echoed");
    a.command({ do: "close" });
    expect(await a.waitFor("ended")).toMatchObject({ cause: "shutdown", faults: [] });
    await server.end();
    const z = await run.listen(both, "--echo", ...rfc);
    const client = await run.usrsctpClient(
      both,
      ...["--count", String(message.count), "--size", String(message.size), "--wait-echo"],
    );
    expect(await client.end()).toEqual({ code: 0, signal: null });
    expect(await z.waitFor("ended")).toMatchObject({
      cause: "shutdown",
      faults: [],
      received: { sha256: sha256OfMessages(message.count, message.size) },
      outcomes: { delivered: message.count },
    });
  });

  test("the first path is dead: we come up over the second", async (run) => {
    await run.lab.cut("wifi");
    const server = await run.usrsctpServer("echo", both);
    const ours = run.connect(both);
    await ours.waitFor("up");
    ours.command({ do: "send", count: COUNT, sizes: SIZES, echo: true });
    await ours.waitFor("echoed");
    const from = ours.said;
    await run.lab.heal("wifi");
    await ours.waitForPath("confirmed", (line) => line["path"] === "10.1.0.2>10.1.1.2", 0);
    expect(ours.process.lines.slice(0, from)).not.toContainEqual(
      expect.objectContaining({ kind: "confirmed", path: "10.1.0.2>10.1.1.2" }),
    );
    ours.command({ do: "close" });
    expect(await ours.waitFor("ended")).toMatchObject({ cause: "shutdown", faults: [] });
    await server.end();
  });

  test("the first path is dead: usrsctp comes up over the second", async (run) => {
    await run.lab.cut("wifi");
    const ours = await run.listen(both, "--echo");
    const client = await run.usrsctpClient(
      both,
      ...["--count", String(COUNT), "--wait-echo", ...FAST_USRSCTP],
    );
    expect(await client.end()).toEqual({ code: 0, signal: null });
    expect(await ours.waitFor("ended")).toMatchObject({ cause: "shutdown", faults: [] });
    expect(client.events("msg")).toHaveLength(COUNT);
  });
});
