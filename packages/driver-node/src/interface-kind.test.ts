import { expect, test } from "@jest/globals";
import { interfaceKind } from "./interface-kind.js";

test.each([
  ["wlan0", "wifi"],
  ["wlp3s0", "wifi"],
  ["wlx00c0ca", "wifi"],
  ["Wi-Fi", "wifi"],
  ["WiFi 2", "wifi"],
  ["wwan0", "cellular"],
  ["wwp0s20f0u2", "cellular"],
  ["rmnet_data0", "cellular"],
  ["ccmni1", "cellular"],
  ["pdp_ip0", "cellular"],
  ["bnep0", "bluetooth"],
  ["bt-pan", "bluetooth"],
  ["tun0", "vpn"],
  ["tap1", "vpn"],
  ["wg0", "vpn"],
  ["utun3", "vpn"],
  ["ppp0", "vpn"],
  ["eth0", "ethernet"],
  ["enp5s0", "ethernet"],
  ["en0", "ethernet"],
  ["Ethernet 2", "ethernet"],
  ["lo", "other"],
  ["lo0", "other"],
  ["docker0", "other"],
  ["Loopback Pseudo-Interface 1", "other"],
])("%s is %s", (name, kind) => {
  expect(interfaceKind(name)).toBe(kind);
});
