import { describe, expect, test } from "@jest/globals";
import { IpAddress } from "@multihome/base";
import fc from "fast-check";
import { canReach, choosePairs } from "./address-pairs.js";

const ip = (t: string): IpAddress => IpAddress.parse(t);
const text = (pairs: ReturnType<typeof choosePairs>): string[] =>
  pairs.map((p) => `${p.local}>${p.remote}`);

describe("canReach", () => {
  test.each([
    ["10.0.0.1", "192.0.2.1", true],
    ["10.0.0.1", "2001:db8::1", false],
    ["127.0.0.1", "127.0.0.2", true],
    ["127.0.0.1", "192.0.2.1", false],
    ["192.0.2.1", "127.0.0.1", false],
    ["fe80::1", "fe80::2", true],
    ["fe80::1", "2001:db8::1", false],
    ["2001:db8::2", "fe80::1", false],
    ["192.0.2.1", "224.0.0.1", false],
    ["192.0.2.1", "0.0.0.0", false],
  ])("%s to %s: %p", (local, remote, expected) => {
    expect(canReach(ip(local), ip(remote))).toBe(expected);
  });
});

describe("choosePairs", () => {
  test("pairs that share no end come first", () => {
    const pairs = choosePairs(
      [ip("10.1.0.1"), ip("10.2.0.1")],
      [ip("192.0.2.1"), ip("192.0.2.2")],
      16,
    );
    expect(text(pairs)).toEqual([
      "10.1.0.1>192.0.2.1",
      "10.2.0.1>192.0.2.2",
      "10.2.0.1>192.0.2.1",
      "10.1.0.1>192.0.2.2",
    ]);
  });

  test("the families of the peer take turns, its first address decides which begins", () => {
    const locals = [ip("10.1.0.1"), ip("2001:db8::1")];
    const remotes = [ip("2001:db8::7"), ip("2001:db8::8"), ip("192.0.2.1"), ip("192.0.2.2")];
    expect(text(choosePairs(locals, remotes, 2))).toEqual([
      "2001:db8::1>2001:db8::7",
      "10.1.0.1>192.0.2.1",
    ]);
  });

  test("nothing that can reach the other: no pairs", () => {
    expect(choosePairs([ip("10.0.0.1")], [ip("2001:db8::1")], 16)).toEqual([]);
    expect(choosePairs([], [ip("192.0.2.1")], 16)).toEqual([]);
    expect(choosePairs([ip("10.0.0.1")], [], 16)).toEqual([]);
  });

  test("each pair once, only pairs that can work, never more than asked for, each end used early", () => {
    const address = fc.oneof(
      fc.nat({ max: 5 }).map((n) => ip(`10.0.0.${n + 1}`)),
      fc.nat({ max: 3 }).map((n) => ip(`2001:db8::${n + 1}`)),
    );
    const addresses = fc.uniqueArray(address, { selector: String, maxLength: 5 });
    fc.assert(
      fc.property(addresses, addresses, fc.integer({ min: 1, max: 20 }), (locals, remotes, max) => {
        const all = locals.flatMap((l) => remotes.filter((r) => canReach(l, r)));
        const pairs = choosePairs(locals, remotes, max);
        expect(pairs).toHaveLength(Math.min(max, all.length));
        expect(new Set(text(pairs)).size).toBe(pairs.length);
        expect(pairs.every((p) => canReach(p.local, p.remote))).toBe(true);
      }),
    );
  });
});
