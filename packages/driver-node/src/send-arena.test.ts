import { describe, expect, test } from "@jest/globals";
import { MAX_DATAGRAM_BYTES, SendArena } from "./send-arena.js";

describe("SendArena", () => {
  test("gives the same room again when nothing is kept", () => {
    const arena = new SendArena();
    const { start, bytes } = arena.begin();
    expect(arena.packet.end - start).toBe(MAX_DATAGRAM_BYTES);
    arena.packet.end = start + 100;
    expect(arena.begin().start).toBe(start);
    expect(arena.packet.bytes).toBe(bytes);
  });

  test("never writes over what is kept", () => {
    const arena = new SendArena();
    const kept: Uint8Array[] = [];
    for (let i = 0; i < 1000; i++) {
      const p = arena.begin();
      expect(p.end).toBeLessThanOrEqual(p.bytes.length);
      p.end = p.start + 1201;
      p.bytes.fill(i & 255, p.start, p.end);
      kept.push(p.bytes.subarray(p.start, p.end));
      arena.keep();
    }
    kept.forEach((bytes, i) => {
      expect(bytes.every((b) => b === (i & 255))).toBe(true);
    });
  });

  test("its bytes and its view are the same memory", () => {
    const arena = new SendArena();
    for (let i = 0; i < 500; i++) {
      const p = arena.begin();
      p.view.setUint32(p.start, i);
      expect(p.bytes[p.start + 3]).toBe(i & 255);
      p.end = p.start + 5000;
      arena.keep();
    }
  });
});
