import { expect, test } from "@jest/globals";
import { LARGE_ROOM, PacketPool, SMALL_ROOM } from "./packet-pool.js";
import { HEADROOM } from "./sim-packet.js";

test("counts what is out, and the most that was", () => {
  const pool = new PacketPool(10, false);
  const taken = [pool.take(1), pool.take(SMALL_ROOM), pool.take(LARGE_ROOM)];
  expect(pool.inUse).toBe(3);
  for (const packet of taken) pool.release(packet);
  expect(pool.inUse).toBe(0);
  expect(pool.peak).toBe(3);
});

test("each packet has its own bytes, with room for what was asked and for headers", () => {
  const pool = new PacketPool(2000, false);
  const packets = Array.from({ length: 1200 }, () => pool.take(SMALL_ROOM));
  packets.forEach((packet, i) => {
    expect(packet.start - packet.bytes.byteOffset).toBeGreaterThanOrEqual(HEADROOM);
    expect(packet.limit - packet.start).toBeGreaterThanOrEqual(SMALL_ROOM);
    packet.bytes.fill(i & 0xff, packet.start - HEADROOM, packet.limit);
  });
  packets.forEach((packet, i) => {
    expect(packet.bytes[packet.start - HEADROOM]).toBe(i & 0xff);
    expect(packet.bytes[packet.limit - 1]).toBe(i & 0xff);
  });
  const large = pool.take(SMALL_ROOM + 1);
  expect(large.limit - large.start).toBe(LARGE_ROOM);
});

test("uses again what was given back, overwritten if asked to", () => {
  const pool = new PacketPool(10, true);
  const packet = pool.take(8);
  packet.end = packet.start + 8;
  packet.bytes.fill(1, packet.start, packet.end);
  pool.release(packet);
  expect(pool.take(8)).toBe(packet);
  expect(packet.view.getUint32(packet.start)).toBe(0xdbdbdbdb);
  expect(packet.end).toBe(packet.start);
});

test("refuses a second release and more packets than allowed", () => {
  const pool = new PacketPool(1, false);
  const packet = pool.take(1);
  expect(() => pool.take(1)).toThrow(expect.objectContaining({ code: "tooManyPackets" }));
  pool.release(packet);
  expect(() => pool.release(packet)).toThrow(
    expect.objectContaining({ code: "packetReleasedTwice" }),
  );
});
