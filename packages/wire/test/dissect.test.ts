import { describe, expect, test } from "@jest/globals";
import {
  ADDRESS_OF_A,
  ADDRESS_OF_Z,
  ascii,
  ethernet,
  type Family,
  icmp,
  icmpProtocolOf,
  ip,
  ipv4,
  ipv6,
  ipv6Fragment,
  joined,
  linuxSll2,
  made,
  sctp,
  tcp,
  udp,
} from "../../../test/support/packet-builder.js";
import {
  ChunkType,
  type DissectOptions,
  dissectPacket,
  ETHER_TYPE_ARP,
  formatTree,
  IP_PROTOCOL_SCTP,
  IP_PROTOCOL_TCP,
  IP_PROTOCOL_UDP,
  IPV4_MORE_FRAGMENTS,
  LINK_TYPE,
  LINUX_SLL_LENGTH,
  summarizePacket,
  TCP_ACK,
  TCP_SYN,
  type TreeNode,
  writeArp,
  writeCookieAck,
  writeDataHeader,
  writeLinuxSll,
} from "../src/index.js";

const NONE = new Uint8Array(0);
const FAMILIES: readonly Family[] = [4, 6];

interface Dissected {
  readonly tree: TreeNode;
  readonly line: string;
}

/** With bytes of something else before and after, so that offsets are seen to matter. */
function dissect(packet: Uint8Array, linkType: number, options?: DissectOptions): Dissected {
  const bytes = joined(ascii("before"), packet, ascii("after"));
  const view = new DataView(bytes.buffer);
  const before = bytes.slice();
  const end = 6 + packet.length;
  const tree = dissectPacket(bytes, view, 6, end, linkType, options);
  const line = summarizePacket(bytes, view, 6, end, linkType, options);
  expect(bytes).toEqual(before);
  expect([tree.at, tree.length]).toEqual([6, packet.length]);
  return { tree, line };
}

const names = (tree: TreeNode): string[] => (tree.children ?? []).map((node) => node.name);

function find(tree: TreeNode, ...path: string[]): TreeNode {
  let node = tree;
  for (const name of path) {
    const child = node.children?.find((candidate) => candidate.name === name);
    if (child === undefined) throw new Error(`no ${name} in\n${formatTree(tree)}`);
    node = child;
  }
  return node;
}

const data = made(4 + 16, (view, bytes) => {
  writeDataHeader(view, 0, 3, 20, 7, 1, 2, 51);
  bytes.set(ascii("data"), 16);
});
const cookieAck = made(4, (view) => writeCookieAck(view, 0));
const hello = ascii("hello");

describe("link types", () => {
  const datagram = ipv4(IP_PROTOCOL_UDP, udp(4, 1, 2, hello));
  const datagramLine = "IP 192.0.2.1 > 198.51.100.2, ttl 64: UDP 1 > 2, length 5";

  test("Ethernet: the padding of a short frame is a trailer", () => {
    const { tree, line } = dissect(joined(ethernet(datagram, 0x0800), new Uint8Array(13)), 1);
    expect(names(tree)).toEqual(["ethernet", "ipv4", "udp", "data", "trailer"]);
    expect(find(tree, "data")).toMatchObject({ value: "68656c6c6f", at: 6 + 42, length: 5 });
    expect(find(tree, "trailer")).toMatchObject({ value: "00".repeat(13), at: 6 + 47 });
    expect(tree.value).toBe("ETHERNET");
    expect(line).toBe(datagramLine);
  });

  test("Ethernet with ARP, padded", () => {
    const arp = made(28, (view) =>
      writeArp(view, 0, 1, 0x02005e100001, ADDRESS_OF_A[4], 0, ADDRESS_OF_Z[4]),
    );
    const frame = joined(ethernet(arp, ETHER_TYPE_ARP), new Uint8Array(18));
    const { tree, line } = dissect(frame, LINK_TYPE.ethernet);
    expect(names(tree)).toEqual(["ethernet", "arp", "trailer"]);
    expect(line).toBe("ARP, Request who-has 198.51.100.2 tell 192.0.2.1");
  });

  test("Ethernet with something unknown says so", () => {
    const { tree, line } = dissect(ethernet(hello, 0x88cc), LINK_TYPE.ethernet);
    expect(names(tree)).toEqual(["ethernet", "data"]);
    expect(line).toBe("02:00:5e:10:00:01 > 02:00:5e:10:00:02, type 0x88cc: length 5");
  });

  test("Linux cooked captures tell direction and interface", () => {
    const second = dissect(linuxSll2(datagram, 0x0800, 3), LINK_TYPE.linuxSll2);
    expect(names(second.tree)).toEqual(["linuxSll2", "ipv4", "udp", "data"]);
    expect(second.line).toBe(`if 3 Out ${datagramLine}`);
    const header = made(LINUX_SLL_LENGTH, (view) => writeLinuxSll(view, 0, 0, 1, 6, 0x0800));
    const first = dissect(joined(header, datagram), LINK_TYPE.linuxSll);
    expect(names(first.tree)).toEqual(["linuxSll", "ipv4", "udp", "data"]);
    expect(first.line).toBe(`In ${datagramLine}`);
  });

  test.each([
    ["RAW", LINK_TYPE.raw, datagram, ["ipv4", "udp", "data"]],
    ["RAW", LINK_TYPE.raw, ipv6(IP_PROTOCOL_SCTP, sctp(1, data)), ["ipv6", "sctp"]],
    ["IPV4", LINK_TYPE.ipv4, datagram, ["ipv4", "udp", "data"]],
    ["IPV6", LINK_TYPE.ipv6, ipv6(IP_PROTOCOL_SCTP, sctp(1, data)), ["ipv6", "sctp"]],
    ["SCTP", LINK_TYPE.sctp, sctp(1, data), ["sctp"]],
    ["LINKTYPE_147", 147, hello, ["data"]],
  ])("%s", (name, linkType, packet, layers) => {
    const { tree } = dissect(packet, linkType);
    expect(tree.value).toBe(name);
    expect(names(tree)).toEqual(layers);
  });

  test("an unknown one in a line", () => {
    expect(dissect(hello, 147).line).toBe("length 5");
  });

  test("an unknown IP protocol in a line", () => {
    expect(dissect(ipv4(2, hello), LINK_TYPE.raw).line).toContain(": IGMP, length 5");
    expect(dissect(ipv6(200, hello), LINK_TYPE.raw).line).toContain(": protocol 200, length 5");
  });
});

describe.each(FAMILIES)("over IPv%i", (family) => {
  const ipName = `ipv${family}`;
  const icmpName = family === 4 ? "icmp" : "icmpv6";
  const echo = icmp(family, family === 4 ? 8 : 128, 0, 0x00010002, hello);
  const options = made(4, (view) => view.setUint32(0, 0x020405b4));

  test.each([
    ["udp", IP_PROTOCOL_UDP, udp(family, 1, 2, hello), 6],
    ["tcp", IP_PROTOCOL_TCP, tcp(family, TCP_SYN, options, NONE), 16],
    [icmpName, icmpProtocolOf(family), echo, 2],
    ["sctp", IP_PROTOCOL_SCTP, sctp(1, data), 8],
  ])("the checksum of %s is verified", (name, protocol, segment, checksumAt) => {
    const packet = ip(family, protocol, segment);
    const right = dissect(packet, LINK_TYPE.raw);
    expect(find(right.tree, name, "checksum").meaning).toMatch(/right|correct/);
    expect(right.line).not.toContain("cksum");

    const at = packet.length - segment.length + checksumAt;
    packet[at] = (packet[at] ?? 0) ^ 0x55;
    const wrong = dissect(packet, LINK_TYPE.raw);
    expect(find(wrong.tree, name, "checksum").meaning).toContain("wrong");
    expect(wrong.line).toMatch(/, bad cksum$/);

    const cut = dissect(packet.subarray(0, packet.length - 1), LINK_TYPE.raw);
    expect(find(cut.tree, name, "checksum").meaning).toBe("not verified");
    expect(cut.line).not.toContain("bad cksum");
    expect(find(cut.tree, ipName).malformed).toBe("truncated");
  });

  test("a datagram without checksum has it absent", () => {
    const datagram = udp(family, 1, 2, hello);
    datagram[6] = 0;
    datagram[7] = 0;
    const { tree, line } = dissect(ip(family, IP_PROTOCOL_UDP, datagram), LINK_TYPE.raw);
    expect(find(tree, "udp", "checksum").meaning).toBe("absent");
    expect(line).not.toContain("cksum");
  });

  test("SCTP over UDP is found on port 9899, at either end", () => {
    for (const [from, to] of [
      [9899, 1],
      [1, 9899],
    ] as const) {
      const datagram = udp(family, from, to, sctp(9, data, cookieAck));
      const { tree, line } = dissect(ip(family, IP_PROTOCOL_UDP, datagram), LINK_TYPE.raw);
      expect(names(tree)).toEqual([ipName, "udp", "sctp"]);
      expect(find(tree, "sctp", "checksum").meaning).toContain("correct");
      expect(names(find(tree, "sctp")).slice(-2)).toEqual(["data", "cookieAck"]);
      expect(line).toContain(
        `UDP ${from} > ${to}, length 36: sctp 5000 > 5001 vtag 0x00000009 DATA tsn=7 sid=1 ssn=2 len=4`,
      );
    }
  });

  test("SCTP over UDP is found on the ports that were given, and on no other", () => {
    const packet = ip(family, IP_PROTOCOL_UDP, udp(family, 40_000, 9899, sctp(9, cookieAck)));
    const ours = dissect(packet, LINK_TYPE.raw, { sctpUdpPorts: [1, 40_000] });
    expect(names(ours.tree)).toEqual([ipName, "udp", "sctp"]);
    const others = dissect(packet, LINK_TYPE.raw, { sctpUdpPorts: [1] });
    expect(names(others.tree)).toEqual([ipName, "udp", "data"]);
    expect(dissect(packet, LINK_TYPE.raw, { sctpUdpPorts: [] }).line).toMatch(/length 16$/);
  });

  test("an empty datagram on that port carries nothing", () => {
    const packet = ip(family, IP_PROTOCOL_UDP, udp(family, 9899, 9899, NONE));
    expect(names(dissect(packet, LINK_TYPE.raw).tree)).toEqual([ipName, "udp"]);
  });

  test("bytes after the packet's length belong to nobody", () => {
    const packet = joined(ip(family, IP_PROTOCOL_SCTP, sctp(1, cookieAck)), hello);
    const { tree } = dissect(packet, LINK_TYPE.raw);
    expect(names(tree)).toEqual([ipName, "sctp", "trailer"]);
    expect(find(tree, "sctp").length).toBe(16);
    expect(find(tree, "sctp", "checksum").meaning).toContain("correct");
  });

  test("an ICMP error shows the packet that it quotes, which is not verified", () => {
    const quoted = ip(family, IP_PROTOCOL_SCTP, sctp(0x01020304, data, cookieAck));
    const [type, code] = family === 4 ? [3, 2] : [4, 1];
    const error = icmp(family, type, code, 0, quoted.subarray(0, quoted.length - 8));
    const packet = ip(family, icmpProtocolOf(family), error);
    const { tree, line } = dissect(packet, LINK_TYPE.raw);
    expect(names(tree)).toEqual([ipName, icmpName]);
    expect(find(tree, icmpName, "checksum").meaning).toBe("right");
    const inside = find(tree, icmpName, "quotedPacket");
    expect(names(inside)).toEqual([ipName, "sctp"]);
    expect(find(inside, "sctp", "verificationTag").value).toBe(0x01020304);
    expect(find(inside, "sctp", "checksum").meaning).toBe("not verified");
    expect([inside.at, inside.length]).toEqual([
      6 + packet.length - (quoted.length - 8),
      quoted.length - 8,
    ]);
    expect(line).toContain(
      `for SCTP ${ADDRESS_OF_A[family].toString()}.5000 > ${ADDRESS_OF_Z[family].toString()}.5001`,
    );
  });

  test("an ICMP error that quotes 8 bytes of TCP shows them", () => {
    const segment = tcp(family, TCP_ACK, NONE, hello).subarray(0, 8);
    const ipHeader = ip(family, IP_PROTOCOL_TCP, tcp(family, TCP_ACK, NONE, hello));
    const quote = joined(ipHeader.subarray(0, family === 4 ? 20 : 40), segment);
    const error = icmp(family, family === 4 ? 3 : 1, 0, 0, quote);
    const { tree } = dissect(ip(family, icmpProtocolOf(family), error), LINK_TYPE.raw);
    const inside = find(tree, icmpName, "quotedPacket");
    expect(names(inside)).toEqual([ipName, "tcp"]);
    expect(names(find(inside, "tcp"))).toEqual(["sourcePort", "destinationPort", "sequenceNumber"]);
    expect(find(inside, "tcp").malformed).toBe("truncated");
  });

  test("what is quoted inside a quoted ICMP error stays bytes", () => {
    const inner = ip(family, IP_PROTOCOL_UDP, udp(family, 1, 2, hello));
    const type = family === 4 ? 3 : 1;
    const error = ip(family, icmpProtocolOf(family), icmp(family, type, 0, 0, inner));
    const outer = icmp(family, type, 0, 0, error);
    const { tree } = dissect(ip(family, icmpProtocolOf(family), outer), LINK_TYPE.raw);
    const inside = find(tree, icmpName, "quotedPacket");
    expect(names(inside)).toEqual([ipName, icmpName]);
    expect(names(find(inside, icmpName)).slice(-2)).toEqual([ipName, "originalData"]);
  });
});

describe("fragments", () => {
  const datagram = udp(4, 9899, 9899, sctp(1, data, data));

  test("of the first the headers are read, and no checksum is verified", () => {
    const first = ipv4(IP_PROTOCOL_UDP, datagram.subarray(0, 40), {
      flagsAndOffset: IPV4_MORE_FRAGMENTS,
    });
    const { tree, line } = dissect(first, LINK_TYPE.ipv4);
    expect(names(tree)).toEqual(["ipv4", "udp", "sctp"]);
    expect(find(tree, "udp", "checksum").meaning).toBe("not verified");
    expect(find(tree, "sctp", "checksum").meaning).toBe("not verified");
    expect(line).not.toContain("bad cksum");

    const v6 = dissect(ipv6Fragment(IP_PROTOCOL_SCTP, 0, true, sctp(1, data)), LINK_TYPE.ipv6);
    expect(names(v6.tree)).toEqual(["ipv6", "fragment", "sctp"]);
    expect(find(v6.tree, "sctp", "checksum").meaning).toBe("not verified");
  });

  test("of later ones nothing is read", () => {
    const later = ipv4(IP_PROTOCOL_UDP, datagram.subarray(40), { flagsAndOffset: 5 });
    const { tree, line } = dissect(later, LINK_TYPE.ipv4);
    expect(names(tree)).toEqual(["ipv4", "fragmentData"]);
    expect(line).toBe("IP 192.0.2.1 > 198.51.100.2, ttl 64, frag id 4660 40:20");

    const v6 = dissect(ipv6Fragment(IP_PROTOCOL_SCTP, 8, false, hello), LINK_TYPE.ipv6);
    expect(names(v6.tree)).toEqual(["ipv6", "fragment", "fragmentData"]);
  });

  test("a whole packet with a Fragment header is verified", () => {
    const atomic = ipv6Fragment(IP_PROTOCOL_SCTP, 0, false, sctp(1, data));
    const { tree } = dissect(atomic, LINK_TYPE.ipv6);
    expect(find(tree, "sctp", "checksum").meaning).toContain("correct");
  });
});

describe("what cannot be read", () => {
  test("is the last layer, and says why", () => {
    const cases: readonly (readonly [Uint8Array, number, string, string])[] = [
      [ethernet(NONE, 0x0800).subarray(0, 13), LINK_TYPE.ethernet, "ethernet", "truncated"],
      [linuxSll2(NONE, 0x0800, 1).subarray(0, 19), LINK_TYPE.linuxSll2, "linuxSll2", "truncated"],
      [Uint8Array.of(0x50), LINK_TYPE.raw, "ipv4", "truncated"],
      [NONE, LINK_TYPE.raw, "ipv4", "truncated"],
      [ipv6(IP_PROTOCOL_UDP, NONE), LINK_TYPE.ipv4, "ipv4", "badVersion"],
      [ipv4(IP_PROTOCOL_UDP, new Uint8Array(20)), LINK_TYPE.ipv6, "ipv6", "badVersion"],
      [ipv4(IP_PROTOCOL_TCP, new Uint8Array(19)), LINK_TYPE.raw, "tcp", "truncated"],
      [ipv4(IP_PROTOCOL_TCP, new Uint8Array(20)), LINK_TYPE.raw, "tcp", "badDataOffset"],
      [ipv4(IP_PROTOCOL_UDP, new Uint8Array(8)), LINK_TYPE.raw, "udp", "badLength"],
      [ipv4(IP_PROTOCOL_SCTP, new Uint8Array(11)), LINK_TYPE.raw, "sctp", "truncated"],
      [sctp(1, Uint8Array.of(ChunkType.data, 0, 0, 3)), LINK_TYPE.sctp, "sctp", "badChunk"],
      [ipv6(60, new Uint8Array(7)), LINK_TYPE.ipv6, "destinationOptions", "truncated"],
    ];
    for (const [packet, linkType, name, reason] of cases) {
      const { tree, line } = dissect(packet, linkType);
      const last = tree.children?.at(-1);
      expect([last?.name, last?.malformed]).toEqual([name, reason]);
      if (reason !== "badChunk") expect(line).toContain(`[${reason}]`);
    }
  });
});
