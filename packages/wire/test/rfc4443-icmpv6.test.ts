import { describe, expect, test } from "@jest/globals";
import {
  checkIcmpv6,
  describeIcmpv6,
  formatTree,
  icmpChecksum,
  icmpChecksumOk,
  icmpCode,
  icmpIdentifier,
  icmpRest,
  icmpSequence,
  icmpType,
  icmpv6Mtu,
  icmpv6Pointer,
  ipv6PseudoHeaderSum,
  isIcmpv6Error,
  setIcmpChecksum,
  summarizeIcmpv6,
  writeIcmp,
  writeIcmpEcho,
} from "../src/index.js";
import { codecSuite, type Placed, place } from "./codec-suite.js";

// Whole IPv6 packet: Linux ping, echo request.
const ECHO_PACKET =
  "6000900100403a40fd000001000000000000000000000002fd000001000000000000000000000001" +
  "800056a97b630001f392016b00000000fe9f010000000000101112131415161718191a1b1c1d1e1f" +
  "202122232425262728292a2b2c2d2e2f3031323334353637";
// Linux router with MTU 1300: the beginning of what it quotes (1232 bytes of a TCP segment).
const PACKET_TOO_BIG =
  "020071b900000514" +
  "600375db05b40640fd000001000000000000000000000002fd000001000100000000000000000002" +
  "a91e14512d6877309015706f80100040eb2d00000101080a04fc1363f081ef8b";

function rewrite({ bytes, view, at, end }: Placed, out: DataView, outBytes: Uint8Array): number {
  outBytes.set(bytes.subarray(at + 8, end), 8);
  const type = icmpType(view, at);
  if ((type === 128 || type === 129) && icmpCode(view, at) === 0) {
    writeIcmpEcho(out, 0, type, icmpIdentifier(view, at), icmpSequence(view, at));
  } else {
    writeIcmp(out, 0, type, icmpCode(view, at), icmpRest(view, at));
  }
  // The checksum needs addresses: a test of its own, below.
  out.setUint16(2, icmpChecksum(view, at));
  return end - at;
}

codecSuite(
  "ICMPv6",
  { check: checkIcmpv6, rewrite, describe: describeIcmpv6, summarize: summarizeIcmpv6 },
  [
    {
      name: "Linux ping, echo request",
      hex: ECHO_PACKET.slice(80),
      beyond: 56,
      summary: "ICMP6 echo request, id 31587, seq 1, length 64",
    },
    {
      name: "echo reply",
      hex: "8100000012340002",
      summary: "ICMP6 echo reply, id 4660, seq 2, length 8",
    },
    {
      name: "Linux router, packet too big",
      hex: PACKET_TOO_BIG,
      beyond: 72,
      summary: "ICMP6 packet too big, mtu 1300, for TCP fd00:1::2.43294 > fd00:1:1::2.5201",
    },
    {
      name: "destination unreachable, port",
      hex: `0104000000000000${"600a88a9000b1140fd000001000000000000000000000002fd0000010001000000000000000000021b591b58000bcd1d000102"}`,
      beyond: 51,
      summary:
        "ICMP6 destination unreachable, port unreachable, for UDP fd00:1::2.7001 > fd00:1:1::2.7000",
    },
    {
      name: "time exceeded in reassembly",
      hex: "0301000000000000600fe19404602c40fd000001000000000000000000000002fd0000010001000000000000000000023a00000175b7fc26 8000b2281efd0001",
      beyond: 56,
      summary:
        "ICMP6 time exceeded, fragment reassembly time exceeded, for ICMPv6 fd00:1::2 > fd00:1:1::2",
    },
    {
      name: "parameter problem, next header",
      hex: "040100000000002860000000000 8fe40fd000001000000000000000000000002fd0000010001000000000000000000020000000000000000",
      beyond: 48,
      summary:
        "ICMP6 parameter problem, unrecognized Next Header type encountered at 40, for protocol 254 fd00:1::2 > fd00:1:1::2",
    },
    {
      name: "an unknown informational type",
      hex: "c80000000102030405",
      beyond: 1,
      summary: "ICMP6 type 200, length 9",
    },
    {
      name: "an unknown error that quotes nothing",
      hex: "6400000000000000",
      summary: "ICMP6 type 100, quoted packet [truncated]",
    },
  ],
);

describe("ICMPv6", () => {
  test("the checksum covers the addresses", () => {
    const p = place(ECHO_PACKET);
    const at = p.at + 40;
    const sum = ipv6PseudoHeaderSum(p.view, p.at, 58, 64);
    expect(icmpChecksumOk(p.bytes, at, p.end, sum)).toBe(true);
    const sent = icmpChecksum(p.view, at);
    setIcmpChecksum(p.bytes, p.view, at, p.end, sum);
    expect(icmpChecksum(p.view, at)).toBe(sent);
    p.view.setUint8(p.at + 39, 9);
    const other = ipv6PseudoHeaderSum(p.view, p.at, 58, 64);
    expect(icmpChecksumOk(p.bytes, at, p.end, other)).toBe(false);
  });

  test("the second word of errors", () => {
    const p = place("0200000000000514");
    expect(icmpv6Mtu(p.view, p.at)).toBe(1300);
    const q = place("04000000ffffffff");
    expect(icmpv6Pointer(q.view, q.at)).toBe(0xffffffff);
  });

  test("errors have types below 128", () => {
    expect(isIcmpv6Error(127)).toBe(true);
    expect(isIcmpv6Error(128)).toBe(false);
  });

  test("an error is printed with the headers of the packet that it quotes", () => {
    const p = place(
      "0301000000000000600fe19404602c40fd000001000000000000000000000002fd0000010001000000000000000000023a00000175b7fc268000b2281efd0001",
    );
    const lines = formatTree(describeIcmpv6(p.view, p.at, p.end)).split("\n");
    expect(lines.filter((line) => /^ {2}\w+/.test(line))).toEqual([
      "  type: 3 (time exceeded)",
      "  code: 1 (fragment reassembly time exceeded)",
      "  checksum: 0",
      "  ipv6",
      "  fragment",
      "  originalData: 8000b2281efd0001",
    ]);
  });
});
