import { describe, expect, test } from "@jest/globals";
import { AddressCache } from "./address-cache.js";

describe("AddressCache", () => {
  test("gives the same object for the same text", () => {
    const cache = new AddressCache();
    const first = cache.get("192.0.2.1");
    expect(first?.toString()).toBe("192.0.2.1");
    expect(cache.get("192.0.2.1")).toBe(first);
  });

  test("leaves the zone out", () => {
    expect(new AddressCache().get("fe80::1%eth0")?.toString()).toBe("fe80::1");
  });

  test("knows what is no address", () => {
    const cache = new AddressCache();
    expect(cache.get("")).toBeUndefined();
    expect(cache.get("example.org")).toBeUndefined();
  });

  test("forgets rather than grow without bound", () => {
    const cache = new AddressCache();
    const first = cache.get("10.0.0.0");
    for (let i = 1; i < 4096; i++) cache.get(`10.0.${i >> 8}.${i & 255}`);
    expect(cache.get("10.0.0.0")).toBe(first);
    cache.get("10.1.0.0");
    expect(cache.get("10.0.0.0")).not.toBe(first);
  });
});
