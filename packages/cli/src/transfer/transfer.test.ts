import { createHash } from "node:crypto";
import { describe, expect, jest, test } from "@jest/globals";
import { MemoryChannel } from "../../test/memory-channel.js";
import { CommandError } from "../command-error.js";
import { EXIT } from "../exit-status.js";
import { type FileEnd, type Offer, PPID, writeEnd, writeOffer } from "./file-protocol.js";
import type { OutputFile } from "./output-file.js";
import { receiveFile } from "./receive-file.js";
import { sendFile } from "./send-file.js";

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const text = (words: string): Uint8Array => new TextEncoder().encode(words);

async function* pieces(...list: Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const piece of list) yield piece;
}

/** A place in memory that a file goes to, and what became of it. */
class Store implements OutputFile {
  readonly parts: Uint8Array[] = [];
  offer: Offer | undefined;
  outcome: "open" | "committed" | "discarded" = "open";
  /** Thrown by the write that reaches so many bytes. */
  fullAt = Number.POSITIVE_INFINITY;

  readonly open = (offer: Offer): Promise<OutputFile> => {
    this.offer = offer;
    return Promise.resolve(this);
  };

  get bytes(): Uint8Array {
    return Buffer.concat(this.parts);
  }

  write(data: Uint8Array): Promise<void> {
    this.parts.push(data);
    if (this.bytes.length < this.fullAt) return Promise.resolve();
    return Promise.reject(new CommandError(EXIT.failed, "diskFull", "no space left"));
  }

  commit(): Promise<void> {
    this.outcome = "committed";
    return Promise.resolve();
  }

  discard(): Promise<void> {
    if (this.outcome === "open") this.outcome = "discarded";
    return Promise.resolve();
  }
}

describe("a transfer", () => {
  test.each([
    ["of nothing", []],
    ["of one byte", [Uint8Array.of(7)]],
    [
      "of many pieces, some empty",
      [text("a"), new Uint8Array(0), text("b"), new Uint8Array(99_999)],
    ],
  ])("%s arrives whole, and both ends agree on the hash", async (_, parts) => {
    const [a, z] = MemoryChannel.pair();
    const whole = Buffer.concat(parts);
    const store = new Store();
    const expected: FileEnd = { size: whole.length, sha256: sha256(whole) };
    const [sent, received] = await Promise.all([
      sendFile(a, { name: "x.bin", size: whole.length }, pieces(...parts)),
      receiveFile(z, store.open),
    ]);
    expect([sent, received]).toEqual([expected, expected]);
    expect(Buffer.compare(store.bytes, whole)).toBe(0);
    expect(store).toMatchObject({ outcome: "committed", offer: { name: "x.bin" } });
  });

  test("may be of a file whose size is not known before", async () => {
    const [a, z] = MemoryChannel.pair();
    const store = new Store();
    const [sent] = await Promise.all([
      sendFile(a, { name: "", size: undefined }, pieces(text("abc"), text("def"))),
      receiveFile(z, store.open),
    ]);
    expect(sent).toEqual({ size: 6, sha256: sha256(text("abcdef")) });
    expect(store.offer).toEqual({ name: "", size: undefined });
  });

  test("tells its progress on both sides", async () => {
    const [a, z] = MemoryChannel.pair();
    const given = jest.fn();
    const stored = jest.fn();
    await Promise.all([
      sendFile(a, { name: "x", size: 3 }, pieces(text("ab"), text("c")), given),
      receiveFile(z, new Store().open, { stored }),
    ]);
    expect([given.mock.calls, stored.mock.calls]).toEqual([
      [[2], [3]],
      [[2], [3]],
    ]);
  });
});

describe("the sender", () => {
  test("tells the receiver's words when it cannot store, even while the window is full", async () => {
    const [a, z] = MemoryChannel.pair(2);
    const store = new Store();
    store.fullAt = 3;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) yield text("x");
    }
    const [sent, received] = await Promise.allSettled([
      sendFile(a, { name: "x", size: undefined }, endless()),
      receiveFile(z, store.open),
    ]);
    expect(sent).toMatchObject({
      reason: { code: "refusedByReceiver", details: { code: "diskFull" } },
    });
    expect(received).toMatchObject({ reason: { code: "diskFull" } });
    expect(store.outcome).toBe("discarded");
  });

  test("fails when the file has another size than it was offered with", async () => {
    const [a, z] = MemoryChannel.pair();
    const store = new Store();
    const receiving = receiveFile(z, store.open);
    const sending = sendFile(a, { name: "x", size: 9 }, pieces(text("short")));
    await expect(sending).rejects.toMatchObject({ code: "fileChanged" });
    a.abort("the file changed");
    await expect(receiving).rejects.toThrow("the file changed");
    expect(store.outcome).toBe("discarded");
  });

  test("fails when reading fails", async () => {
    const [a] = MemoryChannel.pair();
    // biome-ignore lint/correctness/useYield: it fails before there is anything to yield
    async function* broken(): AsyncGenerator<Uint8Array> {
      throw new Error("the disk is broken");
    }
    await expect(sendFile(a, { name: "x", size: 9 }, broken())).rejects.toThrow(
      "the disk is broken",
    );
  });

  test.each(["lose", "close"] as const)(
    "does not read on when the receiver is gone (%s)",
    async (end) => {
      const [a, z] = MemoryChannel.pair();
      async function* silent(): AsyncGenerator<Uint8Array> {
        yield text("x");
        await new Promise(() => {});
      }
      const sending = sendFile(a, { name: "", size: undefined }, silent());
      setImmediate(() => (end === "lose" ? a.lose() : z.close()));
      await expect(sending).rejects.toThrow(end === "lose" ? "unreachable" : "without a receipt");
    },
  );

  test("fails when the association is lost before the receipt", async () => {
    const [a] = MemoryChannel.pair(100);
    const sending = sendFile(a, { name: "x", size: 1 }, pieces(text("x")));
    setImmediate(() => a.lose());
    await expect(sending).rejects.toThrow("unreachable");
  });

  test("does not take a close for a receipt", async () => {
    const [a, z] = MemoryChannel.pair(100);
    const sending = sendFile(a, { name: "x", size: 1 }, pieces(text("x")));
    setImmediate(() => z.close());
    await expect(sending).rejects.toMatchObject({ code: "noReceipt" });
  });

  test("does not take another hash for a success", async () => {
    const [a, z] = MemoryChannel.pair(100);
    const sending = sendFile(a, { name: "x", size: 1 }, pieces(text("x")));
    const receipt = { ok: true, size: 1, sha256: sha256(text("y")) };
    setImmediate(() => z.send(text(JSON.stringify(receipt)), { ppid: PPID.receipt }));
    await expect(sending).rejects.toMatchObject({ code: "hashMismatch" });
  });

  test.each([
    [PPID.receipt, "no JSON"],
    [PPID.receipt, '{"ok":true}'],
    [PPID.receipt, '{"ok":false,"code":"<b>","message":"x"}'],
    [51, "hello"],
  ])("refuses what is no receipt: ppid %d, %s", async (ppid, words) => {
    const [a, z] = MemoryChannel.pair(100);
    const sending = sendFile(a, { name: "x", size: 1 }, pieces(text("x")));
    setImmediate(() => z.send(text(words), { ppid }));
    await expect(sending).rejects.toMatchObject({ code: "protocolError" });
    expect(a.aborted).toBeDefined();
  });
});

describe("the receiver", () => {
  test("says nothing of a peer that goes without an offer", async () => {
    const [a, z] = MemoryChannel.pair();
    const receiving = receiveFile(z, new Store().open);
    a.close();
    expect(await receiving).toBeUndefined();
  });

  test("leaves nothing behind when the sender closes, or is gone, before the end", async () => {
    for (const end of ["close", "lose"] as const) {
      const [, z] = MemoryChannel.pair();
      const store = new Store();
      const receiving = receiveFile(z, store.open);
      z.put({ data: writeOffer({ name: "x", size: 5 }), ppid: PPID.offer });
      z.put({ data: text("abc"), ppid: PPID.data });
      setImmediate(() => z[end]());
      await expect(receiving).rejects.toThrow(end === "close" ? "before the end" : "unreachable");
      expect(store.outcome).toBe("discarded");
    }
  });

  test("does not keep what has another hash, and says so", async () => {
    const [a, z] = MemoryChannel.pair(100);
    const store = new Store();
    const receiving = receiveFile(z, store.open);
    await a.send(writeOffer({ name: "x", size: 3 }), { ppid: PPID.offer });
    await a.send(text("abc"), { ppid: PPID.data });
    await a.send(writeEnd({ size: 3, sha256: sha256(text("abd")) }), { ppid: PPID.end });
    await expect(receiving).rejects.toMatchObject({ code: "hashMismatch" });
    expect(store.outcome).toBe("discarded");
    for await (const { ppid, data } of a) {
      expect(ppid).toBe(PPID.receipt);
      expect(JSON.parse(new TextDecoder().decode(data))).toMatchObject({ code: "hashMismatch" });
      break;
    }
  });

  test.each([
    ["data before the offer", PPID.data, text("abc")],
    ["an end before the offer", PPID.end, text("{}")],
    ["a foreign message", 51, text("hello")],
    ["an offer of another version", PPID.offer, text('{"version":2,"name":"x","size":1}')],
    ["an offer with a bad size", PPID.offer, text('{"version":1,"name":"x","size":-1}')],
    ["an offer that is no text", PPID.offer, Uint8Array.of(0xff, 0xfe)],
  ])("refuses %s", async (_, ppid, data) => {
    const [, z] = MemoryChannel.pair();
    const receiving = receiveFile(z, new Store().open);
    z.put({ data, ppid });
    await expect(receiving).rejects.toMatchObject({ code: "protocolError" });
  });

  test("takes no more than was offered", async () => {
    const [, z] = MemoryChannel.pair();
    const store = new Store();
    const receiving = receiveFile(z, store.open);
    z.put({ data: writeOffer({ name: "x", size: 2 }), ppid: PPID.offer });
    z.put({ data: text("abc"), ppid: PPID.data });
    await expect(receiving).rejects.toMatchObject({ code: "protocolError" });
    expect(store.outcome).toBe("discarded");
  });

  test("refuses an offer that is too long to be one", async () => {
    const [, z] = MemoryChannel.pair();
    const receiving = receiveFile(z, new Store().open);
    z.put({ data: new Uint8Array(100_000).fill(32), ppid: PPID.offer });
    await expect(receiving).rejects.toMatchObject({ code: "protocolError" });
  });

  test("shows no control characters of the sender's name", async () => {
    const [, z] = MemoryChannel.pair();
    const store = new Store();
    const receiving = receiveFile(z, store.open);
    z.put({ data: writeOffer({ name: "a\x1b[2Jb", size: 1 }), ppid: PPID.offer });
    setImmediate(() => z.close());
    await expect(receiving).rejects.toThrow();
    expect(store.offer?.name).toBe("a?[2Jb");
  });
});
