import { describe, expect, test } from "@jest/globals";
import { IpAddress } from "@multihome/base";
import {
  checkEthernet,
  checkLinuxSll2,
  describeEthernet,
  describeLinuxSll2,
  ethernetDestination,
  ethernetHeaderLength,
  ethernetPayloadType,
  ethernetSource,
  ethernetVlan,
  formatMac,
  formatTree,
  isGroupMac,
  linuxSll2AddressLength,
  linuxSll2ArphrdType,
  linuxSll2InterfaceIndex,
  linuxSll2PacketType,
  linuxSll2Protocol,
  MAC_BROADCAST,
  multicastMac,
  parseMac,
  summarizeEthernet,
  summarizeLinuxSll2,
  writeEthernet,
  writeLinuxSll2,
  writeVlanTag,
} from "../src/index.js";
import { codecSuite, place } from "./codec-suite.js";

const TWO_TAGS = "fad52bffa58d928b959689ef 88a8 0064 8100 e00a 86dd".replaceAll(" ", "");

codecSuite(
  "Ethernet",
  {
    check: checkEthernet,
    rewrite: ({ view, at }, out) => {
      const [to, from] = [ethernetDestination(view, at), ethernetSource(view, at)];
      let length = writeEthernet(out, 0, to, from, view.getUint16(at + 12));
      while (length < ethernetHeaderLength(view, at)) {
        const control = view.getUint16(at + length);
        length += writeVlanTag(out, length, control, view.getUint16(at + length + 2));
      }
      return length;
    },
    describe: describeEthernet,
    summarize: summarizeEthernet,
  },
  [
    {
      name: "Linux, ARP",
      hex: "fffffffffffffad52bffa58d0806",
      summary: "fa:d5:2b:ff:a5:8d > ff:ff:ff:ff:ff:ff, ARP",
    },
    {
      name: "one tag, VLAN 10",
      hex: "fad52bffa58d928b959689ef8100000a0800",
      summary: "92:8b:95:96:89:ef > fa:d5:2b:ff:a5:8d, vlan 10, IPv4",
    },
    {
      name: "two tags",
      hex: TWO_TAGS,
      summary: "92:8b:95:96:89:ef > fa:d5:2b:ff:a5:8d, vlan 100, IPv6",
    },
    {
      name: "802.3 length",
      hex: "0180c2000000928b959689ef0026",
      summary: "92:8b:95:96:89:ef > 01:80:c2:00:00:00, type 0x0026",
    },
  ],
);

codecSuite(
  "Linux cooked capture",
  {
    check: checkLinuxSll2,
    rewrite: ({ bytes, view, at }, out, outBytes) => {
      outBytes.set(bytes.subarray(at + 12, at + 20), 12);
      return writeLinuxSll2(
        out,
        0,
        linuxSll2Protocol(view, at),
        linuxSll2InterfaceIndex(view, at),
        linuxSll2ArphrdType(view, at),
        linuxSll2PacketType(view, at),
        linuxSll2AddressLength(view, at),
      );
    },
    describe: describeLinuxSll2,
    summarize: summarizeLinuxSll2,
  },
  [
    {
      name: "Linux, sent on interface 2",
      hex: "080000000000000200010406d6b57cd37e440000",
      summary: "if 2 Out, IPv4",
    },
  ],
);

describe("Ethernet", () => {
  test("a tag is passed to reach the payload", () => {
    const p = place(TWO_TAGS);
    expect(ethernetHeaderLength(p.view, p.at)).toBe(22);
    expect(ethernetPayloadType(p.view, p.at)).toBe(0x86dd);
    expect(ethernetVlan(p.view, p.at)).toBe(100);
    expect(formatTree(describeEthernet(p.view, p.at, p.end))).toBe(
      [
        "ethernet",
        "  destination: fa:d5:2b:ff:a5:8d",
        "  source: 92:8b:95:96:89:ef",
        "  type: 34984 (802.1ad)",
        "  priority: 0",
        "  dropEligible: false",
        "  vlan: 100",
        "  type: 33024 (802.1Q)",
        "  priority: 7",
        "  dropEligible: false",
        "  vlan: 10",
        "  type: 34525 (IPv6)",
      ].join("\n"),
    );
  });

  test("a third tag is left as the payload", () => {
    const p = place("fad52bffa58d928b959689ef8100000a8100000b8100000c0800");
    expect(ethernetHeaderLength(p.view, p.at)).toBe(22);
    expect(ethernetPayloadType(p.view, p.at)).toBe(0x8100);
  });

  test("addresses are numbers of 48 bits", () => {
    for (const text of ["00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "02:00:5e:10:00:ff"]) {
      expect(formatMac(parseMac(text))).toBe(text);
    }
    expect(parseMac("FF:ff:ff:FF:ff:ff")).toBe(MAC_BROADCAST);
    expect(isGroupMac(MAC_BROADCAST)).toBe(true);
    expect(isGroupMac(parseMac("01:00:5e:00:00:01"))).toBe(true);
    expect(isGroupMac(parseMac("fe:ff:ff:ff:ff:ff"))).toBe(false);
    for (const bad of ["", "1:2:3:4:5:6", "00-00-00-00-00-00", "00:00:00:00:00:00:00"]) {
      expect(() => parseMac(bad)).toThrow(expect.objectContaining({ code: "invalidAddress" }));
    }
  });

  test.each([
    ["224.0.0.251", "01:00:5e:00:00:fb"],
    ["239.255.1.2", "01:00:5e:7f:01:02"],
    ["ff02::1:ff00:77", "33:33:ff:00:00:77"],
    ["ff02::fffe:1", "33:33:ff:fe:00:01"],
  ])("%s is sent to %s", (group, mac) => {
    expect(formatMac(multicastMac(IpAddress.parse(group)))).toBe(mac);
  });
});
