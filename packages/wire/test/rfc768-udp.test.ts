import { describe, expect, test } from "@jest/globals";
import { IpAddress } from "@multihome/base";
import {
  checkUdp,
  describeUdp,
  ipv4PseudoHeaderSum,
  ipv6PseudoHeaderSum,
  pseudoHeaderSum,
  setUdpChecksum,
  summarizeUdp,
  udpChecksum,
  udpChecksumState,
  udpDestinationPort,
  udpLength,
  udpSourcePort,
  writeUdp,
} from "../src/index.js";
import { codecSuite, type Placed, place } from "./codec-suite.js";

// Whole IP packets that Linux sent: 3 bytes of data from port 7001 to 7000; the last without checksum.
const OVER_IPV4 = "4500001f1dd94000401107f00a0100020a0101021b591b58000bb220000102";
const OVER_IPV6 =
  "600a88a9000b1140fd000001000000000000000000000002fd0000010001000000000000000000021b591b58000bcd1d000102";
const NO_CHECKSUM =
  "450000271ddf4000401107e20a0100020a0101021b591b58001300006e6f20636865636b73756d";

function rewrite({ bytes, view, at }: Placed, out: DataView, outBytes: Uint8Array): number {
  const length = udpLength(view, at);
  outBytes.set(bytes.subarray(at + 8, at + length), 8);
  const header = writeUdp(
    out,
    0,
    udpSourcePort(view, at),
    udpDestinationPort(view, at),
    length,
    udpChecksum(view, at),
  );
  expect(header).toBe(8);
  return length;
}

codecSuite("UDP", { check: checkUdp, rewrite, describe: describeUdp, summarize: summarizeUdp }, [
  {
    name: "Linux, 3 bytes",
    hex: OVER_IPV4.slice(40),
    summary: "UDP 7001 > 7000, length 3",
  },
  { name: "Linux, no data", hex: "1b591b580008b427", summary: "UDP 7001 > 7000, length 0" },
  { name: "Linux, no checksum", hex: NO_CHECKSUM.slice(40) },
]);

describe("UDP length", () => {
  test.each([
    [7, "badLength"],
    [8, "ok"],
    [11, "ok"],
    [12, "truncated"],
    [0, "badLength"],
  ])("%i with 11 bytes there: %s", (length, expected) => {
    const p = place(OVER_IPV4.slice(40));
    p.view.setUint16(p.at + 4, length);
    expect(checkUdp(p.view, p.at, p.end)).toBe(expected);
  });
});

describe("UDP checksum", () => {
  test.each([
    ["IPv4", OVER_IPV4, 20, ipv4PseudoHeaderSum, "10.1.0.2", "10.1.1.2"],
    ["IPv6", OVER_IPV6, 40, ipv6PseudoHeaderSum, "fd00:1::2", "fd00:1:1::2"],
  ])("over %s is checked and computed as Linux does", (_name, hex, header, sumAt, a, z) => {
    const p = place(hex);
    const at = p.at + header;
    const pseudo = pseudoHeaderSum(IpAddress.parse(a), IpAddress.parse(z), 17, 11);
    // The sum is kept unfolded, so compare what it does, both ways round.
    for (const sum of [pseudo, sumAt(p.view, p.at, 17, 11)]) {
      expect(udpChecksumState(p.bytes, p.view, at, sum)).toBe("ok");
      expect(udpChecksumState(p.bytes, p.view, at, sum + 1)).toBe("bad");
    }
    const sent = udpChecksum(p.view, at);
    p.view.setUint16(at + 6, 0x1234);
    expect(udpChecksumState(p.bytes, p.view, at, pseudo)).toBe("bad");
    setUdpChecksum(p.bytes, p.view, at, pseudo);
    expect(udpChecksum(p.view, at)).toBe(sent);
  });

  test("zero means absent", () => {
    const p = place(NO_CHECKSUM);
    const sum = ipv4PseudoHeaderSum(p.view, p.at, 17, 19);
    expect(udpChecksumState(p.bytes, p.view, p.at + 20, sum)).toBe("absent");
    expect(JSON.stringify(describeUdp(p.view, p.at + 20, p.end))).toContain('"meaning":"absent"');
  });

  test("a computed zero is sent as all ones", () => {
    // Source, destination, length and data are chosen so that everything sums to 0xffff.
    const p = place("0000 0000 000a 0000 0000");
    const pseudo = 17 + 10;
    p.view.setUint16(p.at + 8, 0xffff - 10 - pseudo);
    setUdpChecksum(p.bytes, p.view, p.at, pseudo);
    expect(udpChecksum(p.view, p.at)).toBe(0xffff);
    expect(udpChecksumState(p.bytes, p.view, p.at, pseudo)).toBe("ok");
  });

  test("is computed over the UDP length only, and with an odd last byte", () => {
    const p = place(`${OVER_IPV4}ffff`);
    const sum = ipv4PseudoHeaderSum(p.view, p.at, 17, 11);
    expect(udpChecksumState(p.bytes, p.view, p.at + 20, sum)).toBe("ok");
  });
});
