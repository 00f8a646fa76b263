import { describe, expect, test } from "@jest/globals";
import {
  arpOperation,
  arpSenderIp,
  arpSenderMac,
  arpTargetIp,
  arpTargetMac,
  checkArp,
  describeArp,
  formatTree,
  summarizeArp,
  writeArp,
} from "../src/index.js";
import { codecSuite, place } from "./codec-suite.js";

const REQUEST = "0001080006040001fad52bffa58d0a0100020000000000000a010001";

codecSuite(
  "ARP",
  {
    check: checkArp,
    rewrite: ({ view, at }, out) =>
      writeArp(
        out,
        0,
        arpOperation(view, at),
        arpSenderMac(view, at),
        arpSenderIp(view, at),
        arpTargetMac(view, at),
        arpTargetIp(view, at),
      ),
    describe: describeArp,
    summarize: summarizeArp,
  },
  [
    {
      name: "Linux, request",
      hex: REQUEST,
      summary: "ARP, Request who-has 10.1.0.1 tell 10.1.0.2",
    },
    {
      name: "Linux, reply",
      hex: "0001080006040002928b959689ef0a010001fad52bffa58d0a010002",
      summary: "ARP, Reply 10.1.0.1 is-at 92:8b:95:96:89:ef",
    },
    {
      name: "another operation",
      hex: "0001080006040008ffffffffffff0a010001fad52bffa58d0a010002",
      summary: "ARP, operation 8",
    },
  ],
);

describe("ARP", () => {
  test.each([
    ["token ring hardware", 1, 6, "unknownHardware"],
    ["IPv6 as protocol", 2, 0x86, "unknownProtocol"],
    ["hardware length 8", 4, 8, "badAddressLength"],
    ["hardware length 0", 4, 0, "badAddressLength"],
    ["protocol length 16", 5, 16, "badAddressLength"],
  ])("%s is refused: %s", (_name, offset, value, expected) => {
    const p = place(REQUEST);
    p.view.setUint8(p.at + offset, value);
    expect(checkArp(p.view, p.at, p.end)).toBe(expected);
    expect(formatTree(describeArp(p.view, p.at, p.end))).toContain(`[malformed: ${expected}]`);
    expect(summarizeArp(p.view, p.at, p.end)).toBe(`ARP [${expected}]`);
  });

  test("padding up to the shortest Ethernet frame is not looked at", () => {
    const p = place(`${REQUEST}${"00".repeat(18)}`);
    expect(checkArp(p.view, p.at, p.end)).toBe("ok");
    expect(describeArp(p.view, p.at, p.end).length).toBe(28);
  });
});
