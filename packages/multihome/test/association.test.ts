import { describe, expect, test } from "@jest/globals";
import type { AssociationNotice, Message, MessageOutcome, PathEvent } from "../src/index.js";
import { bytes, memoryPair, readAll } from "./support/memory-pair.js";

const text = (message: Message | undefined): string => new TextDecoder().decode(message?.data);

describe("reading", () => {
  test("a subscriber gets messages with their stream, ppid and order", async () => {
    const { network, a, z } = await memoryPair();
    const seen: Message[] = [];
    z.messages$.subscribe((m) => seen.push(m));
    await a.send(bytes("one"), { stream: 3, ppid: 51 });
    await a.send(bytes("two"), { unordered: true });
    await network.until(() => seen.length === 2);
    expect(seen).toEqual([
      { data: bytes("one"), stream: 3, ppid: 51, unordered: false },
      { data: bytes("two"), stream: 0, ppid: 0, unordered: true },
    ]);
  });

  test("all subscribers get all", async () => {
    const { network, a, z } = await memoryPair();
    const seen: string[] = [];
    z.messages$.subscribe((m) => seen.push(`first ${text(m)}`));
    z.messages$.subscribe((m) => seen.push(`second ${text(m)}`));
    await a.send(bytes("x"));
    await network.until(() => seen.length === 2);
    expect(seen).toEqual(["first x", "second x"]);
  });

  test("nothing is taken while nobody wants it, and the window says so", async () => {
    const { network, a, z } = await memoryPair({ receiveBufferBytes: 65_536 });
    await a.send(new Uint8Array(10_000));
    await network.run(1000);
    expect(z.status().unreadBytes).toBe(10_000);
    expect(a.status().peerRwndBytes).toBe(65_536 - 10_000);

    const subscription = z.messages$.subscribe();
    await network.until(() => z.status().unreadBytes === 0);
    subscription.unsubscribe();
    await a.send(new Uint8Array(10_000));
    await network.run(1000);
    expect(z.status().unreadBytes).toBe(10_000);
  });

  test("iterating takes what is asked for and no more", async () => {
    const { network, a, z } = await memoryPair();
    for (const s of ["one", "two", "three"]) await a.send(bytes(s));
    await network.run(1000);
    const iterator = z[Symbol.asyncIterator]();
    expect(text((await iterator.next()).value)).toBe("one");
    expect(z.status().unreadBytes).toBe(8);
    await iterator.return?.();
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    for await (const m of z) {
      expect(text(m)).toBe("two");
      break;
    }
    expect(z.status().unreadBytes).toBe(5);
  });

  test("iterators take turns, in the order in which they asked", async () => {
    const { network, a, z } = await memoryPair();
    const [one, two] = [z[Symbol.asyncIterator](), z[Symbol.asyncIterator]()];
    const asked = [one.next(), two.next(), one.next()];
    for (const s of ["a", "b", "c"]) await a.send(bytes(s));
    const got = await network.result(Promise.all(asked));
    expect(got.map((r) => text(r.value))).toEqual(["a", "b", "c"]);
  });

  test("subscribing and iterating at the same time is refused", async () => {
    const { z } = await memoryPair();
    const iterator = z[Symbol.asyncIterator]();
    void iterator.next();
    const errors: unknown[] = [];
    z.messages$.subscribe({ error: (error) => errors.push(error) });
    expect(errors).toEqual([expect.objectContaining({ code: "alreadyReading" })]);
    await iterator.return?.();

    z.messages$.subscribe();
    await expect(z[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: "alreadyReading",
    });
  });

  test("a message larger than the receive buffer is put together", async () => {
    const { network, a, z } = await memoryPair({ receiveBufferBytes: 20_000 });
    const large = Uint8Array.from({ length: 100_000 }, (_, i) => i % 251);
    const next = z[Symbol.asyncIterator]().next();
    await a.send(large);
    const { value } = await network.result(next);
    expect(value?.data).toEqual(large);
    expect(z.status().unreadBytes).toBe(0);
  });

  test("a message larger than maxMessageBytes ends the association", async () => {
    const { network, a, z } = await memoryPair({}, { maxMessageBytes: 50_000 });
    const reading = readAll(z);
    reading.catch(() => {});
    await a.send(new Uint8Array(50_001));
    await expect(network.result(reading)).rejects.toMatchObject({ code: "associationLost" });
    expect(await z.closed).toEqual({
      kind: "aborted",
      detail: "the peer sent a message of more than 50000 bytes",
    });
    expect(await network.result(a.closed)).toMatchObject({ kind: "abortedByPeer" });
  });
});

describe("sending", () => {
  test("resolves with room, and keeps the order of what waits", async () => {
    const { network, a, z } = await memoryPair({ sendBufferBytes: 3000, receiveBufferBytes: 4096 });
    const order: number[] = [];
    const sends = Array.from({ length: 12 }, (_, i) =>
      a.send(new Uint8Array(1000).fill(i)).then((sent) => {
        order.push(sent.id);
      }),
    );
    await network.run(500);
    expect(order).toEqual([1, 2, 3, 4, 5, 6, 7]); // 4 KiB of window, then 3,000 bytes of buffer
    expect(a.status().waitingBytes).toBe(5000);
    expect(a.trySend(bytes("no"))).toMatchObject({ ok: false, code: "wouldBlock" });

    const got: number[] = [];
    z.messages$.subscribe((m) => got.push(m.data[0] ?? -1));
    await network.result(Promise.all(sends));
    await network.until(() => got.length === 12);
    expect(got).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(a.status().waitingBytes).toBe(0);
  });

  test("tells what became of each message", async () => {
    const { network, a, z } = await memoryPair();
    const outcomes: MessageOutcome[] = [];
    a.outcomes$.subscribe((o) => outcomes.push(o));
    const one = await a.send(bytes("one"));
    await a.send(bytes("two"));
    expect(await network.result(one.outcome)).toEqual({ kind: "delivered" });
    await network.until(() => outcomes.length === 2);
    expect(outcomes).toEqual([
      { id: 1, kind: "delivered" },
      { id: 2, kind: "delivered" },
    ]);

    network.cut.add("192.0.2.1").add("198.51.100.1");
    const lost = await a.send(bytes("lost"));
    await network.run(1);
    void a.abort();
    await network
      .result(
        z.closed.catch(() => undefined).then(() => undefined),
        1,
      )
      .catch(() => {});
    expect(await lost.outcome).toEqual({ kind: "failed", data: bytes("lost"), sent: true });
    // Asked for after it was known, too.
    expect(await lost.outcome).toMatchObject({ kind: "failed" });
  });

  test("a message whose lifetime ends is abandoned and handed back", async () => {
    const { network, a } = await memoryPair({ receiveBufferBytes: 4096 });
    await a.send(new Uint8Array(4096)); // fills the window
    const late = await a.send(bytes("late"), { lifetimeMs: 100 });
    expect(await network.result(late.outcome)).toEqual({ kind: "abandoned", data: bytes("late") });
  });

  test("the time that a message waits for room counts for its lifetime", async () => {
    const { network, a, z } = await memoryPair({ sendBufferBytes: 1000, receiveBufferBytes: 4096 });
    for (let i = 0; i < 6; i++) void a.send(new Uint8Array(1000)); // more than window and buffer hold
    const waiting = a.send(bytes("late"), { lifetimeMs: 200 });
    await network.run(1000);
    z.messages$.subscribe();
    const sent = await network.result(waiting);
    expect(await network.result(sent.outcome)).toMatchObject({ kind: "abandoned" });
  });

  test.each([
    ["messageTooLong", new Uint8Array(1001), {}],
    ["noSuchStream", bytes("x"), { stream: 64 }],
    ["noSuchStream", bytes("x"), { stream: -1 }],
    ["emptyMessage", new Uint8Array(0), {}],
  ])("%s", async (code, data, options) => {
    const { a } = await memoryPair({ maxMessageBytes: 1000 });
    await expect(a.send(data, options)).rejects.toMatchObject({ code });
    expect(a.trySend(data, options)).toMatchObject({ ok: false, code });
  });

  test("only bytes are taken", async () => {
    const { a } = await memoryPair();
    const text: unknown = "text";
    const asBytes = text as Uint8Array;
    await expect(a.send(asBytes)).rejects.toMatchObject({
      code: "invalidArgument",
      message: expect.stringContaining("TextEncoder"),
    });
    expect(() => a.trySend(asBytes)).toThrow(expect.objectContaining({ code: "invalidArgument" }));
  });
});

describe("paths", () => {
  test("are told with addresses as text and times in ms, also what came before the first subscriber", async () => {
    const { network, a } = await memoryPair();
    await network.run(100);
    const events: PathEvent[] = [];
    a.paths$.subscribe((e) => events.push(e));
    expect(events[0]).toEqual({
      kind: "added",
      atMs: 0,
      path: { id: 1, local: "192.0.2.2", remote: "192.0.2.1" },
    });
    expect(events.filter((e) => e.kind === "confirmed")).toContainEqual({
      kind: "confirmed",
      atMs: 20,
      path: { id: 1, local: "192.0.2.2", remote: "192.0.2.1" },
      rttMs: 10,
    });
    const late: PathEvent[] = [];
    a.paths$.subscribe((e) => late.push(e));
    expect(late).toEqual([]);
  });

  test("a cut of the path in use is told as a switch with its stall", async () => {
    const { network, a, z } = await memoryPair();
    z.messages$.subscribe();
    await network.run(100);
    const events: PathEvent[] = [];
    a.paths$.subscribe((e) => events.push(e));
    network.cut.add("192.0.2.1");
    const sent = await a.send(bytes("over the other"));
    expect(await network.result(sent.outcome)).toEqual({ kind: "delivered" });
    const switched = (): PathEvent | undefined => events.find((e) => e.kind === "switched");
    await network.until(() => switched() !== undefined);
    expect(switched()).toMatchObject({
      from: { local: "192.0.2.2", remote: "192.0.2.1" },
      to: { remote: "198.51.100.1" },
      cause: expect.any(String),
      stallMs: expect.any(Number),
    });
  });

  test("can be looked at, and chosen", async () => {
    const { network, a } = await memoryPair();
    await network.run(1000);
    const paths = a.paths();
    expect(paths.filter((p) => p.current)).toEqual([
      expect.objectContaining({ id: 1, state: "active", interfaceName: "mem0", srttMs: 10 }),
    ]);
    const other = paths.find((p) => p.local === "198.51.100.2" && p.remote === "198.51.100.1");
    expect(other).toBeDefined();
    expect(a.setPrimary(other?.id ?? 0)).toBe(true);
    expect(a.paths().find((p) => p.current)?.id).toBe(other?.id);
    expect(a.setPrimary(99)).toBe(false);
  });

  test("stay as they were at the end, for a balance", async () => {
    const { network, a, z } = await memoryPair();
    z.messages$.subscribe();
    await a.send(new Uint8Array(5000));
    await network.result(a.close());
    const [path] = a.paths();
    expect(path).toMatchObject({ remote: "192.0.2.1", current: false });
    expect(path?.bytesSent).toBeGreaterThan(5000);
  });

  test("heartbeats can be asked for", async () => {
    const { network, a } = await memoryPair();
    await network.run(100);
    const before = a.paths()[0]?.packetsSent ?? 0;
    expect(a.heartbeat(1)).toBe(true);
    expect(a.heartbeat(99)).toBe(false);
    await network.run(1);
    expect(a.paths()[0]?.packetsSent).toBe(before + 1);
  });
});

describe("the end", () => {
  test("close delivers everything first, even what waits for room", async () => {
    const { network, a, z } = await memoryPair({ sendBufferBytes: 2000 });
    const reading = readAll(z);
    const sends = ["one", "two", "three"].map((s) => a.send(bytes(s.padEnd(1500))));
    const closing = a.close();
    expect(a.state).toBe("closing");
    await expect(a.send(bytes("more"))).rejects.toMatchObject({ code: "notOpen" });
    expect(await network.result(closing)).toEqual({ kind: "shutdown" });
    await Promise.all(sends);
    expect((await network.result(reading)).map((s) => s.trim())).toEqual(["one", "two", "three"]);
    expect(await network.result(z.closed)).toEqual({ kind: "shutdown" });
    expect([a.state, z.state]).toEqual(["closed", "closed"]);
  });

  test("what was sent before the end can be read after it", async () => {
    const { network, aDriver, zDriver, a, z } = await memoryPair();
    await a.send(bytes("early"));
    await network.result(a.close());
    await network.run(100);
    expect(z.state).toBe("closed");
    // The core has nothing left to keep.
    expect(zDriver.core.associationCount + aDriver.core.associationCount).toBe(0);
    expect(await readAll(z)).toEqual(["early"]);
  });

  test("messages that nobody reads do not hold up a close", async () => {
    const { network, a, z } = await memoryPair({ receiveBufferBytes: 4096 });
    const sends = Array.from({ length: 20 }, () => z.send(new Uint8Array(1000)));
    await network.run(100);
    expect(await network.result(a.close(), 1000)).toEqual({ kind: "shutdown" });
    await network.result(Promise.all(sends));
  });

  test("but a reader that is busy loses nothing", async () => {
    const { network, a, z } = await memoryPair();
    const got: string[] = [];
    const busy: ((value?: undefined) => void)[] = [];
    const reading = (async () => {
      for await (const m of a) {
        got.push(text(m));
        await new Promise<void>((resolve) => busy.push(resolve));
      }
    })();
    for (const s of ["one", "two", "three"]) await z.send(bytes(s));
    await network.until(() => got.length === 1);
    void a.close();
    await network.run(1000);
    for (let n = 1; n <= 3; n++) {
      await network.until(() => got.length === n);
      busy.pop()?.();
    }
    await network.result(reading);
    expect(got).toEqual(["one", "two", "three"]);
  });

  test("subscribers complete after the last message", async () => {
    const { network, a, z } = await memoryPair();
    const seen: string[] = [];
    z.messages$.subscribe({ next: (m) => seen.push(text(m)), complete: () => seen.push("|") });
    const complete = (): void => {
      seen.push("done");
    };
    z.paths$.subscribe({ complete });
    z.outcomes$.subscribe({ complete });
    z.events$.subscribe({ complete });
    await a.send(bytes("x"));
    await network.result(a.close());
    await network.result(z.closed);
    expect(seen).toEqual(["x", "|", "done", "done", "done"]);
    const after: string[] = [];
    z.messages$.subscribe({ complete: () => after.push("|") });
    expect(after).toEqual(["|"]);
  });

  test("abort carries a reason to the peer, whose reader is told that something is missing", async () => {
    const { network, a, z } = await memoryPair();
    const reading = readAll(z);
    reading.catch(() => {});
    expect(await network.result(a.abort("changed my mind"))).toEqual({
      kind: "aborted",
      detail: undefined,
    });
    await expect(network.result(reading)).rejects.toMatchObject({
      code: "associationLost",
      message: expect.stringContaining("changed my mind"),
    });
    expect(await z.closed).toEqual({
      kind: "abortedByPeer",
      reason: bytes("changed my mind"),
      causeCodes: [12],
    });
    await expect(z.send(bytes("x"))).rejects.toMatchObject({
      code: "notOpen",
      details: { cause: { kind: "abortedByPeer" } },
    });
  });

  test("our own abort ends our reader quietly", async () => {
    const { network, a } = await memoryPair();
    const reading = readAll(a);
    void a.abort();
    expect(await network.result(reading)).toEqual([]);
  });

  test("a peer that vanished ends everything, and waiting senders are told", async () => {
    const { network, a } = await memoryPair({ sendBufferBytes: 1000 });
    const reading = readAll(a);
    reading.catch(() => {});
    await a.send(new Uint8Array(1000));
    const waiting = a.send(new Uint8Array(1000));
    network.cut.add("192.0.2.1").add("198.51.100.1");
    await expect(network.result(waiting)).rejects.toMatchObject({ code: "notOpen" });
    expect(await a.closed).toEqual({
      kind: "unreachable",
      tried: ["192.0.2.1", "198.51.100.1"],
    });
    await expect(reading).rejects.toMatchObject({ code: "associationLost" });
  });

  test("a send that nobody awaits does not bring the process down when the peer goes", async () => {
    const { network, a, z } = await memoryPair({ sendBufferBytes: 1000 });
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => {
      unhandled.push(error);
    };
    process.on("unhandledRejection", note);
    void a.send(new Uint8Array(1000));
    void a.send(new Uint8Array(1000));
    void z.abort();
    await network.result(a.closed);
    void a.send(new Uint8Array(1));
    await network.run(10);
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
  });

  test("the peer's close is told, and refuses what waits", async () => {
    const { network, a, z } = await memoryPair({ sendBufferBytes: 1000 });
    const notices: AssociationNotice[] = [];
    a.events$.subscribe((e) => notices.push(e));
    await network.result(z.close());
    await network.result(a.closed);
    expect(notices).toEqual([{ kind: "peerShutdown", atMs: expect.any(Number) }]);
  });
});
