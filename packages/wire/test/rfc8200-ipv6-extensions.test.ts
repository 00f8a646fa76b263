import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  checkIpv6Fragment,
  checkIpv6OptionsHeader,
  checkIpv6Routing,
  describeIpv6Extensions,
  describeIpv6Fragment,
  describeIpv6OptionsHeader,
  describeIpv6Routing,
  formatTree,
  IPV6_MAX_EXTENSION_HEADERS,
  Ipv6Chain,
  ipv6FragmentIdentification,
  ipv6FragmentIsAtomic,
  ipv6FragmentMore,
  ipv6FragmentNextHeader,
  ipv6FragmentOffset,
  ipv6OptionLength,
  ipv6OptionsHeaderLength,
  ipv6OptionsNextHeader,
  ipv6RoutingLength,
  ipv6RoutingNextHeader,
  ipv6RoutingSegmentsLeft,
  ipv6RoutingType,
  ipv6UnknownOptionAction,
  summarizeIpv6Extensions,
  summarizeIpv6Fragment,
  summarizeIpv6OptionsHeader,
  summarizeIpv6Routing,
  walkIpv6Chain,
  writeIpv6Fragment,
  writeIpv6OptionHead,
  writeIpv6OptionsHeader,
  writeIpv6Padding,
  writeIpv6RouterAlert,
  writeIpv6Routing,
} from "../src/index.js";
import { codecSuite, type Placed, place, toHex } from "./codec-suite.js";

function rewriteOptionsHeader({ bytes, view, at }: Placed, out: DataView, outBytes: Uint8Array) {
  const length = ipv6OptionsHeaderLength(view, at);
  let to = writeIpv6OptionsHeader(out, 0, ipv6OptionsNextHeader(view, at), length);
  for (let o = at + 2; o < at + length; ) {
    const size = ipv6OptionLength(view, o, at + length);
    const type = view.getUint8(o);
    const padding = type <= 1 && bytes.subarray(o + 2, o + size).every((b) => b === 0);
    if (padding) to += writeIpv6Padding(out, to, size);
    else if (type === 5 && size === 4) to += writeIpv6RouterAlert(out, to, view.getUint16(o + 2));
    else {
      to += writeIpv6OptionHead(out, to, type, size - 2);
      outBytes.set(bytes.subarray(o + 2, o + size), to);
      to += size - 2;
    }
    o += size;
  }
  expect(to).toBe(length);
  return length;
}

codecSuite(
  "IPv6 options header",
  {
    check: checkIpv6OptionsHeader,
    rewrite: rewriteOptionsHeader,
    describe: describeIpv6OptionsHeader,
    summarize: summarizeIpv6OptionsHeader,
  },
  [
    { name: "Linux MLDv2: router alert and PadN", hex: "3a00050200000100", summary: "RA" },
    { name: "padding alone", hex: "3b01 010c000000000000000000000000", summary: "" },
    { name: "Pad1 six times", hex: "1100000000000000", summary: "" },
    {
      name: "RFC 2675 s2: jumbo payload",
      hex: "0600c20400010000",
      summary: "jumbo",
    },
    {
      name: "RFC 8200 appendix A, example 1: 8-octet field X, 4-octet field Y",
      // 12 octets of data with alignment 8n+2, so the option begins at once; type 0x1e is for experiments.
      hex: "3b01 1e0c 00000004 0000000000000008",
      summary: "option 30",
    },
  ],
);

codecSuite(
  "IPv6 routing header",
  {
    check: checkIpv6Routing,
    rewrite: ({ bytes, view, at }, out, outBytes) => {
      const length = ipv6RoutingLength(view, at);
      outBytes.set(bytes.subarray(at + 4, at + length), 4);
      const next = ipv6RoutingNextHeader(view, at);
      const type = ipv6RoutingType(view, at);
      writeIpv6Routing(out, 0, next, length, type, ipv6RoutingSegmentsLeft(view, at));
      return length;
    },
    describe: describeIpv6Routing,
    summarize: summarizeIpv6Routing,
  },
  [
    {
      name: "type 0, one address",
      hex: "3a02000100000000fd000001000000000000000000000002",
      summary: "type 0, segments left 1",
    },
    { name: "type 253, no data", hex: "3a00fd0000000000", summary: "type 253, segments left 0" },
  ],
);

codecSuite(
  "IPv6 fragment header",
  {
    check: checkIpv6Fragment,
    rewrite: ({ view, at }, out) =>
      writeIpv6Fragment(
        out,
        0,
        ipv6FragmentNextHeader(view, at),
        ipv6FragmentOffset(view, at),
        ipv6FragmentMore(view, at),
        ipv6FragmentIdentification(view, at),
      ),
    describe: describeIpv6Fragment,
    summarize: summarizeIpv6Fragment,
  },
  [
    { name: "Linux, first fragment", hex: "3a00000175b7fc26", summary: "id 0x75b7fc26 0:0+" },
    { name: "Linux, last fragment", hex: "3a000b5075b7fc26", summary: "id 0x75b7fc26 2896:0" },
    { name: "all bits", hex: "ff00fff9ffffffff", summary: "id 0xffffffff 65528:0+" },
  ],
);

/** An IPv6 header that announces `next` and what follows it. */
function packet(next: number, rest: string): Placed {
  const hex = rest.replaceAll(" ", "");
  const length = (hex.length / 2).toString(16).padStart(4, "0");
  const type = next.toString(16).padStart(2, "0");
  return place(`60000000${length}${type}40${"fd".padEnd(32, "0")}${"fe".padEnd(32, "0")}${hex}`);
}

function walk(p: Placed) {
  const chain = new Ipv6Chain();
  const state = walkIpv6Chain(p.view, p.at, p.end, chain);
  const from = (at: number): number => (at < 0 ? at : at - p.at);
  return {
    state,
    protocol: chain.protocol,
    at: from(chain.at),
    protocolAt: from(chain.protocolAt),
    hopByHopAt: from(chain.hopByHopAt),
    routingAt: from(chain.routingAt),
    fragmentAt: from(chain.fragmentAt),
    count: chain.count,
  };
}

describe("the chain of extension headers", () => {
  const none = { hopByHopAt: -1, routingAt: -1, fragmentAt: -1 };

  test("without extension headers ends at once", () => {
    const expected = { state: "ok", protocol: 17, at: 40, protocolAt: 6, ...none, count: 0 };
    expect(walk(packet(17, "1b591b580008b427"))).toEqual(expected);
  });

  test("in the recommended order is walked to the upper layer", () => {
    const p = packet(
      0,
      "3c00050200000100 2b00010400000000 2c00fd0000000000 3c00000100000007 8401010c000000000000000000000000",
    );
    expect(walk(p)).toEqual({
      state: "ok",
      protocol: 132,
      at: 40 + 48,
      protocolAt: 40 + 32,
      hopByHopAt: 40,
      routingAt: 56,
      fragmentAt: 64,
      count: 5,
    });
    expect(summarizeIpv6Extensions(p.view, p.at, p.end)).toBe(
      "hbh RA, dstopt, routing type 253, segments left 0, frag id 0x00000007 0:16+, dstopt",
    );
    expect(describeIpv6Extensions(p.view, p.at, p.end).map((n) => [n.name, n.length])).toEqual([
      ["hopByHopOptions", 8],
      ["destinationOptions", 8],
      ["routing", 8],
      ["fragment", 8],
      ["destinationOptions", 16],
    ]);
  });

  test("stops at a fragment that is not the first, whose data are no header", () => {
    const p = packet(44, "3c000b5075b7fc26 ffffffffffffffff");
    expect(walk(p)).toEqual({
      state: "ok",
      protocol: 60,
      at: 48,
      protocolAt: 40,
      ...none,
      fragmentAt: 40,
      count: 1,
    });
  });

  test("goes on after an atomic fragment", () => {
    const p = packet(44, "1100000075b7fc26 1b591b580008b427");
    expect(ipv6FragmentIsAtomic(p.view, p.at + 40)).toBe(true);
    expect(walk(p)).toMatchObject({ state: "ok", protocol: 17, at: 48, fragmentAt: 40 });
    p.view.setUint8(p.at + 43, 1);
    expect(ipv6FragmentIsAtomic(p.view, p.at + 40)).toBe(false);
  });

  test.each([
    [50, "ESP"],
    [51, "AH"],
    [59, "no next header"],
  ])("stops at %i (%s)", (protocol) => {
    const p = packet(60, `${protocol.toString(16)}00010400000000 0000000000000000`);
    expect(walk(p)).toMatchObject({ state: "ok", protocol, at: 48, count: 1 });
  });

  test("refuses Hop-by-Hop Options that do not come first", () => {
    const p = packet(60, "0000010400000000 1100010400000000");
    expect(walk(p)).toMatchObject({
      state: "misplacedHopByHop",
      protocol: 0,
      at: 48,
      protocolAt: 40,
    });
    expect(describeIpv6Extensions(p.view, p.at, p.end).at(-1)).toMatchObject({
      malformed: "misplacedHopByHop",
    });
    expect(summarizeIpv6Extensions(p.view, p.at, p.end)).toContain("[misplacedHopByHop]");
  });

  test("refuses a header that goes beyond the packet, wherever it is cut", () => {
    const whole = "3c00050200000100 1101010c000000000000000000000000".replaceAll(" ", "");
    for (let length = 0; length < whole.length; length += 2) {
      expect(walk(packet(0, whole.slice(0, length))).state).toBe("truncated");
    }
    expect(walk(packet(0, whole)).state).toBe("ok");
  });

  test("is given up after a fixed number of headers", () => {
    const headers = (n: number): Placed =>
      packet(60, `${"3c00010400000000".repeat(n - 1)}1100010400000000`);
    expect(walk(headers(IPV6_MAX_EXTENSION_HEADERS)).state).toBe("ok");
    expect(walk(headers(IPV6_MAX_EXTENSION_HEADERS + 1)).state).toBe("tooManyHeaders");
  });

  test("of any bytes is walked within the bytes, and printed", () => {
    const kind = fc.constantFrom(0, 43, 44, 60, 6, 59);
    const header = fc.tuple(
      kind,
      fc.nat({ max: 2 }),
      fc.uint8Array({ minLength: 6, maxLength: 22 }),
    );
    const any = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc
        .array(header, { maxLength: 10 })
        .map((list) =>
          Uint8Array.from(list.flatMap(([next, length, rest]) => [next, length, ...rest])),
        ),
    );
    fc.assert(
      fc.property(kind, any, (next, bytes) => {
        const p = packet(next, toHex(bytes));
        const chain = new Ipv6Chain();
        walkIpv6Chain(p.view, p.at, p.end, chain);
        expect(chain.at).toBeLessThanOrEqual(p.end);
        expect(chain.count).toBeLessThanOrEqual(IPV6_MAX_EXTENSION_HEADERS);
        const nodes = describeIpv6Extensions(p.view, p.at, p.end);
        for (const node of nodes) expect(node.at + node.length).toBeLessThanOrEqual(p.end);
        summarizeIpv6Extensions(p.view, p.at, p.end);
      }),
      { numRuns: 2000, seed: 24 },
    );
  });

  test("one result object serves many packets", () => {
    const chain = new Ipv6Chain();
    const first = packet(0, "2c00050200000100 1100000175b7fc26");
    expect(walkIpv6Chain(first.view, first.at, first.end, chain)).toBe("ok");
    const second = packet(17, "1b591b580008b427");
    expect(walkIpv6Chain(second.view, second.at, second.end, chain)).toBe("ok");
    expect(chain).toMatchObject({ ...none, count: 0, protocol: 17 });
  });
});

describe("IPv6 options", () => {
  test.each([
    [0x1e, "skip"],
    [0x5e, "discard"],
    [0x9e, "discardAndReport"],
    [0xfe, "discardAndReportUnlessMulticast"],
  ])("an unknown option %i: %s", (type, action) => {
    expect(ipv6UnknownOptionAction(type)).toBe(action);
  });

  test("one that goes beyond its header is refused, though the packet has the bytes", () => {
    const p = place("3a00050200000101 00");
    expect(checkIpv6OptionsHeader(p.view, p.at, p.end)).toBe("badOptions");
    expect(formatTree(describeIpv6OptionsHeader(p.view, p.at, p.end))).toContain(
      "option: 1 [malformed: truncated]",
    );
  });

  test.each([0, 1, 2, 3, 8, 257])("padding of %i bytes is one option", (length) => {
    const bytes = new Uint8Array(258).fill(0xee);
    const view = new DataView(bytes.buffer);
    expect(writeIpv6Padding(view, 0, length)).toBe(length);
    if (length > 0) expect(ipv6OptionLength(view, 0, length)).toBe(length);
    expect(toHex(bytes.subarray(length, length + 1))).toBe("ee");
  });
});
