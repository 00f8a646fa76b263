import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { compareIp, IpAddress, ipScope, sameIp } from "./ip-address.js";

const ip = (t: string): IpAddress => IpAddress.parse(t);

describe("text", () => {
  test.each([
    ["192.0.2.1", "192.0.2.1"],
    ["2001:DB8::1", "2001:db8::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["::", "::"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
  ])("%s is written as %s (RFC 5952)", (given, written) => {
    expect(ip(given).toString()).toBe(written);
  });

  test.each([
    "",
    "1.2.3",
    "01.2.3.4x",
    "1.2.3.4.5",
    "1.2.3.256",
    "::1::",
    "fe80::1%eth0",
    "host",
    "0x7f.1",
  ])("%p is no address", (given) => {
    expect(IpAddress.tryParse(given)).toBeUndefined();
    expect(() => ip(given)).toThrow(expect.objectContaining({ code: "invalidAddress" }));
  });

  test("what is written is read back as the same address", () => {
    const word = fc.integer({ min: 0, max: 0xffffffff });
    fc.assert(
      fc.property(word, word, word, word, (a, b, c, d) => {
        const v6 = IpAddress.v6(a, b, c, d);
        const mapped = a === 0 && b === 0 && c === 0xffff;
        return (
          (mapped || sameIp(ip(v6.toString()), v6)) &&
          sameIp(ip(IpAddress.v4(a).toString()), IpAddress.v4(a))
        );
      }),
    );
  });
});

test("bytes are written and read back", () => {
  const view = new DataView(new ArrayBuffer(20));
  expect(ip("2001:db8::7").write(view, 2)).toBe(16);
  expect(IpAddress.readV6(view, 2).toString()).toBe("2001:db8::7");
  expect(ip("203.0.113.9").write(view, 0)).toBe(4);
  expect(IpAddress.readV4(view, 0).toString()).toBe("203.0.113.9");
});

test("families are told apart and come in order", () => {
  expect(sameIp(IpAddress.v4(1), IpAddress.v6(0, 0, 0, 1))).toBe(false);
  const sorted = [ip("::1"), ip("10.0.0.2"), ip("10.0.0.1")].sort(compareIp).map(String);
  expect(sorted).toEqual(["10.0.0.1", "10.0.0.2", "::1"]);
});

test.each([
  ["127.0.0.9", "loopback"],
  ["169.254.1.1", "linkLocal"],
  ["10.9.8.7", "private"],
  ["172.16.0.1", "private"],
  ["172.32.0.1", "global"],
  ["192.168.1.1", "private"],
  ["0.0.0.0", "unspecified"],
  ["224.0.0.1", "multicast"],
  ["8.8.8.8", "global"],
  ["::1", "loopback"],
  ["::", "unspecified"],
  ["fe80::1", "linkLocal"],
  ["fd00::1", "private"],
  ["ff02::1", "multicast"],
  ["2001:db8::1", "global"],
] as const)("%s reaches as far as %s", (text, scope) => {
  expect(ipScope(ip(text))).toBe(scope);
});
