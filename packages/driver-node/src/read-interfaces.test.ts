import type { NetworkInterfaceInfo } from "node:os";
import { describe, expect, test } from "@jest/globals";
import { IpAddress } from "@multihome/base";
import { readInterfaces, type SystemInterfaces, sameInterfaces } from "./read-interfaces.js";

const v4 = (address: string, internal = false): NetworkInterfaceInfo => ({
  address,
  netmask: "255.255.255.0",
  family: "IPv4",
  mac: "02:00:00:00:00:01",
  internal,
  cidr: `${address}/24`,
});
const v6 = (address: string): NetworkInterfaceInfo => ({
  address,
  netmask: "ffff:ffff:ffff:ffff::",
  family: "IPv6",
  mac: "02:00:00:00:00:01",
  internal: false,
  cidr: `${address}/64`,
  scopeid: 0,
});

const SYSTEM: SystemInterfaces = {
  lo: [v4("127.0.0.1", true)],
  wlan0: [v4("192.0.2.7"), v6("2001:db8::7"), v6("fe80::7")],
  wwan0: [v4("198.51.100.7")],
};

const texts = (interfaces: ReturnType<typeof readInterfaces>): Record<string, string[]> =>
  Object.fromEntries(interfaces.map((i) => [i.name, i.addresses.map(String)]));

describe("readInterfaces", () => {
  test("tells names, kinds and addresses, without link-local ones", () => {
    const found = readInterfaces(SYSTEM, {}, undefined);
    expect(texts(found)).toEqual({
      lo: ["127.0.0.1"],
      wlan0: ["192.0.2.7", "2001:db8::7"],
      wwan0: ["198.51.100.7"],
    });
    expect(found.map((i) => i.kind)).toEqual(["other", "wifi", "cellular"]);
    expect(found.every((i) => i.up && i.allowed && !i.metered && i.cost === 0)).toBe(true);
  });

  test("applies the rules", () => {
    const found = readInterfaces(
      SYSTEM,
      { deny: ["wlan0"], metered: ["wwan0"], cost: { wwan0: 3 } },
      undefined,
    );
    expect(found.map((i) => [i.name, i.allowed, i.metered, i.cost])).toEqual([
      ["lo", true, false, 0],
      ["wlan0", false, false, 0],
      ["wwan0", true, true, 3],
    ]);
  });

  test("keeps to the addresses asked for", () => {
    const only = ["2001:db8::7", "198.51.100.99"].map((t) => IpAddress.parse(t));
    expect(texts(readInterfaces(SYSTEM, {}, only))).toEqual({
      lo: [],
      wlan0: ["2001:db8::7"],
      wwan0: [],
    });
  });

  test("keeps the order of the addresses asked for", () => {
    const only = ["198.51.100.7", "2001:db8::7", "192.0.2.7"].map((t) => IpAddress.parse(t));
    const found = readInterfaces(SYSTEM, {}, only);
    expect(found.map((i) => i.name)).toEqual(["wwan0", "wlan0", "lo"]);
    expect(found[1]?.addresses.map(String)).toEqual(["2001:db8::7", "192.0.2.7"]);
  });

  test("takes loopback addresses that the system does not list", () => {
    const only = ["127.0.0.1", "127.0.0.2"].map((t) => IpAddress.parse(t));
    expect(texts(readInterfaces(SYSTEM, {}, only))["lo"]).toEqual(["127.0.0.1", "127.0.0.2"]);
    expect(texts(readInterfaces({}, {}, only))).toEqual({ lo: ["127.0.0.1", "127.0.0.2"] });
  });
});

describe("sameInterfaces", () => {
  const read = (system: SystemInterfaces, cost = 0) =>
    readInterfaces(system, { cost: { wwan0: cost } }, undefined);

  test("is true for a second look", () => {
    expect(sameInterfaces(read(SYSTEM), read(SYSTEM))).toBe(true);
  });

  test.each<[string, SystemInterfaces, number]>([
    ["an address is gone", { ...SYSTEM, wlan0: [v4("192.0.2.7")] }, 0],
    ["an address is another", { ...SYSTEM, wwan0: [v4("198.51.100.8")] }, 0],
    ["an interface is gone", { lo: [v4("127.0.0.1", true)] }, 0],
    ["a cost is another", SYSTEM, 1],
  ])("is false when %s", (_what, system, cost) => {
    expect(sameInterfaces(read(SYSTEM), read(system, cost))).toBe(false);
  });
});
