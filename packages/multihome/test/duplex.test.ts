import { once } from "node:events";
import { describe, expect, test } from "@jest/globals";
import { bytes, memoryPair } from "./support/memory-pair.js";

describe("a duplex", () => {
  test("carries bytes both ways, whatever the borders of messages", async () => {
    const { network, a, z } = await memoryPair();
    const [left, right] = [a.duplex(), z.duplex()];
    const large = Uint8Array.from({ length: 300_000 }, (_, i) => i % 253);
    const got: Buffer[] = [];
    right.on("data", (chunk: Buffer) => got.push(chunk));
    left.write(Buffer.alloc(0));
    left.write(large);
    left.write("and text");
    const length = (): number => got.reduce((n, b) => n + b.length, 0);
    await network.until(() => length() === 300_008);
    const all = Buffer.concat(got);
    expect(Buffer.compare(all.subarray(0, 300_000), large)).toBe(0);
    expect(all.subarray(300_000).toString()).toBe("and text");
    expect(Math.max(...got.map((b) => b.length))).toBeLessThanOrEqual(65_536);

    const answer = network.result(once(left, "data"));
    right.write("back");
    expect(String(await answer)).toBe("back");
  });

  test("writing waits for a reader that does not read", async () => {
    const { network, a, z } = await memoryPair({
      sendBufferBytes: 65_536,
      receiveBufferBytes: 65_536,
    });
    const [left, right] = [a.duplex(), z.duplex({ highWaterMark: 10_000 })];
    const chunk = Buffer.alloc(10_000);
    let written = 0;
    const write = (): void => {
      left.write(chunk, () => {
        written++;
        if (written < 100) write();
      });
    };
    write();
    await network.run(10_000);
    // The reader's 10,000, and both buffers; one more of each may overlap a limit.
    expect(written * 10_000).toBeLessThan(170_000);
    expect(z.status().unreadBytes).toBeGreaterThan(40_000);

    let read = 0;
    right.on("data", (b: Buffer) => {
      read += b.length;
    });
    await network.until(() => read === 1_000_000);
    expect(written).toBe(100);
  });

  test("end closes the association after all is delivered, on both sides", async () => {
    const { network, a, z } = await memoryPair();
    const [left, right] = [a.duplex(), z.duplex()];
    const seen: string[] = [];
    right.on("data", (b: Buffer) => seen.push(b.toString()));
    right.on("end", () => seen.push("end"));
    left.end("bye");
    left.resume();
    expect(await network.result(a.closed)).toEqual({ kind: "shutdown" });
    expect(await network.result(z.closed)).toEqual({ kind: "shutdown" });
    await network.until(() => left.destroyed && right.destroyed);
    expect(seen).toEqual(["bye", "end"]);
  });

  test("several share an association, which closes with the last", async () => {
    const { network, a, z } = await memoryPair();
    const [one, two] = [a.duplex({ stream: 1 }), a.duplex({ stream: 2 })];
    const seen: string[] = [];
    z.messages$.subscribe((m) => seen.push(`${m.stream} ${new TextDecoder().decode(m.data)}`));
    one.end("from one");
    await network.run(1000);
    expect(a.state).toBe("open");
    two.end("from two");
    await network.result(a.closed);
    expect(seen).toEqual(["1 from one", "2 from two"]);
  });

  test("takes the messages of its stream, the others go on as before", async () => {
    const { network, a, z } = await memoryPair();
    const seen: string[] = [];
    z.duplex({ stream: 1 }).on("data", (b: Buffer) => seen.push(`duplex ${b}`));
    z.messages$.subscribe((m) => seen.push(`message ${new TextDecoder().decode(m.data)}`));
    await a.send(bytes("one"), { stream: 1 });
    await a.send(bytes("two"), { stream: 2 });
    await network.until(() => seen.length === 2);
    expect(seen).toEqual(["duplex one", "message two"]);
    expect(() => z.duplex({ stream: 1 })).toThrow(expect.objectContaining({ code: "streamInUse" }));
  });

  test("a peer that aborts is an error of the stream", async () => {
    const { network, a, z } = await memoryPair();
    const left = a.duplex();
    left.resume();
    const failed = network.result(once(left, "error"));
    void z.abort("no more");
    expect(await failed).toEqual([
      expect.objectContaining({
        code: "associationLost",
        message: expect.stringContaining("no more"),
      }),
    ]);
    await network.until(() => left.destroyed);
  });

  test("destroy closes, destroy with an error aborts", async () => {
    const one = await memoryPair();
    one.a.duplex().destroy();
    expect(await one.network.result(one.z.closed)).toEqual({ kind: "shutdown" });

    const two = await memoryPair();
    const left = two.a.duplex();
    left.on("error", () => {});
    left.destroy(new Error("broken"));
    expect(await two.network.result(two.z.closed)).toMatchObject({
      kind: "abortedByPeer",
      reason: bytes("broken"),
    });
  });

  test("writing after the peer closed is an error", async () => {
    const { network, a, z } = await memoryPair();
    const left = a.duplex();
    await network.result(z.close());
    const failed = once(left, "error");
    left.write("too late");
    expect(await failed).toEqual([expect.objectContaining({ code: "notOpen" })]);
  });

  test("has what is expected of a socket", async () => {
    const { a, z } = await memoryPair();
    const [left, right] = [a.duplex(), z.duplex()];
    expect(left.setNoDelay().setKeepAlive().ref().unref()).toBe(left);
    expect([left.remoteAddress, left.remoteFamily, left.remotePort]).toEqual([
      "192.0.2.1",
      "IPv4",
      5000,
    ]);
    expect([right.localAddress, right.localPort, right.remotePort]).toEqual([
      "192.0.2.1",
      5000,
      left.localPort,
    ]);
    const timedOut = once(left, "timeout");
    left.setTimeout(1);
    await timedOut;
    left.setTimeout(0);
  });

  test.each([{ stream: -1 }, { stream: 1.5 }, { ppid: -1 }, { highWaterMark: 0 }])(
    "%j is refused",
    async (options) => {
      const { a } = await memoryPair();
      expect(() => a.duplex(options)).toThrow(expect.objectContaining({ code: "invalidOption" }));
    },
  );
});
