import { describe, expect, test } from "@jest/globals";
import { IpAddress, StackError } from "@multihome/base";
import { bindFailure, errorCode, suggestsAddressGone } from "./socket-error.js";

const system = (code: string): Error => Object.assign(new Error(`bind ${code}`), { code });
const local = IpAddress.parse("192.0.2.1");

describe("bindFailure", () => {
  test.each([
    ["EADDRINUSE", "addressInUse"],
    ["EACCES", "noPermission"],
    ["EPERM", "noPermission"],
    ["EADDRNOTAVAIL", "addressUnavailable"],
    ["EMFILE", "bindFailed"],
  ])("%s is %s and names the address", (code, expected) => {
    const error = bindFailure(system(code), local, 500);
    expect(error).toBeInstanceOf(StackError);
    expect(error.code).toBe(expected);
    expect(error.message).toContain("192.0.2.1:500");
    expect(error.details).toEqual({ address: "192.0.2.1", port: 500, systemCode: code });
  });

  test("IPv6 addresses stand in brackets", () => {
    const error = bindFailure(system("EADDRINUSE"), IpAddress.parse("2001:db8::1"), 5000);
    expect(error.message).toContain("[2001:db8::1]:5000");
  });
});

test.each([
  ["ENETUNREACH", true],
  ["EADDRNOTAVAIL", true],
  ["ENETDOWN", true],
  ["EPERM", false],
  ["EMSGSIZE", false],
])("%s suggests that an address is gone: %s", (code, gone) => {
  expect(suggestsAddressGone(system(code))).toBe(gone);
});

test("an error without a system code has none", () => {
  expect(errorCode(new Error("no code"))).toBe("");
  expect(errorCode(undefined)).toBe("");
  expect(errorCode(Object.assign(new Error("odd"), { code: 7 }))).toBe("");
});
