import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { IpAddress } from "@multihome/base";
import {
  type CaptureDirection,
  CaptureSummary,
  ChunkType,
  dissectPacket,
  ETHER_TYPE_ARP,
  IP_PROTOCOL_HOP_BY_HOP,
  IP_PROTOCOL_ICMPV6,
  IP_PROTOCOL_SCTP,
  IP_PROTOCOL_TCP,
  IP_PROTOCOL_UDP,
  IPV4_MORE_FRAGMENTS,
  LINK_TYPE,
  PcapngWriter,
  PcapWriter,
  readCapture,
  type TreeNode,
  writeArp,
  writeIpv4RouteOption,
  writeIpv6OptionsHeader,
  writeIpv6Padding,
  writeIpv6RouterAlert,
  writeMldv2Record,
  writeMldv2Report,
  writeNdLinkLayerAddress,
  writeNdMtu,
  writeNdPrefixInformation,
  writeNeighborAdvertisement,
  writeNeighborSolicitation,
  writeRouterAdvertisement,
} from "@multihome/wire";
import { built, filler } from "./support/build-bytes.js";
import {
  ADDRESS_OF_A,
  ADDRESS_OF_Z,
  ethernet,
  etherTypeOf,
  type Family,
  icmp,
  icmpProtocolOf,
  ip,
  ipv4,
  ipv6,
  ipv6Fragment,
  linuxSll2,
  sctp,
  tcp,
  udp,
} from "./support/packet-builder.js";
import { requireTools } from "./support/requirements.js";
import { SAMPLE_CHUNKS } from "./support/sample-chunks.js";
import { SAMPLE_SEGMENTS } from "./support/sample-segments.js";

const CHECKSUMS = ["ip", "udp", "tcp"].flatMap((p) => ["-o", `${p}.check_checksum:TRUE`]);
const PREFERENCES = [
  "-n",
  ...["-d", "udp.port==9899,sctp"],
  ...CHECKSUMS,
  ...["-o", "sctp.checksum:CRC 32c"],
  // Packet by packet: these are samples, no connection.
  ...["-o", "tcp.analyze_sequence_numbers:FALSE", "-o", "mptcp.analyze_mptcp:FALSE"],
  ...["-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE", "-o", "sctp.reassembly:FALSE"],
  ...["-o", "tcp.try_heuristic_first:FALSE", "-o", "tcp.desegment_tcp_streams:FALSE"],
];

/** One row for each packet, with all values of each field. */
function tshark(file: string, fields: readonly string[]): ReadonlyMap<string, string[]>[] {
  const show = ["-T", "fields", "-E", "separator=/t", "-E", "occurrence=a", "-E", "aggregator=|"];
  const args = ["-r", file, ...PREFERENCES, ...show, ...fields.flatMap((f) => ["-e", f])];
  const out = execFileSync("tshark", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  return out
    .split("\n")
    .slice(0, -1)
    .map((line) => {
      const values = line.split("\t");
      return new Map(
        fields.map((f, i) => [f, (values[i] ?? "").split("|").filter((v) => v !== "")]),
      );
    });
}

interface Sample {
  readonly name: string;
  readonly linkType: number;
  readonly packet: Uint8Array;
}

const FAMILIES: readonly Family[] = [4, 6];

/** Packets of both families with everything there is a writer for. */
function samples(): Sample[] {
  const all: Sample[] = [];
  for (const family of FAMILIES) {
    const add = (name: string, protocol: number, payload: Uint8Array): void => {
      const packet = ip(family, protocol, payload);
      const linkType = family === 4 ? LINK_TYPE.ethernet : LINK_TYPE.linuxSll2;
      const etherType = etherTypeOf(family);
      const framed = family === 4 ? ethernet(packet, etherType) : linuxSll2(packet, etherType, 2);
      all.push({ name: `IPv${family} ${name}`, linkType, packet: framed });
    };
    for (const length of [0, 1, 2, 300]) {
      add(`UDP ${length}`, IP_PROTOCOL_UDP, udp(family, 40_001, 40_002, filler(length)));
    }
    for (const { name, flags, options, dataLength, urgentPointer } of SAMPLE_SEGMENTS) {
      const segment = tcp(family, flags, options, filler(dataLength), urgentPointer);
      add(`TCP ${name}`, IP_PROTOCOL_TCP, segment);
    }
    for (const [name, ...chunks] of SAMPLE_CHUNKS) {
      // RFC 9260 s8.5.1 (A): an INIT goes with a tag of 0.
      const tag = /^INIT(?! ACK)/.test(name) ? 0 : 0x11223344;
      const packet = sctp(tag, ...chunks);
      add(`SCTP ${name}`, IP_PROTOCOL_SCTP, packet);
      add(`SCTP over UDP ${name}`, IP_PROTOCOL_UDP, udp(family, 40_000, 9899, packet));
    }
    const echo = icmp(family, family === 4 ? 8 : 128, 0, 0x00010002, filler(32));
    add("echo", icmpProtocolOf(family), echo);
    const quoted = ip(family, IP_PROTOCOL_UDP, udp(family, 40_001, 40_002, filler(30)));
    const unreachable = icmp(family, family === 4 ? 3 : 1, family === 4 ? 3 : 4, 0, quoted);
    add("port unreachable", icmpProtocolOf(family), unreachable);
  }
  return [...all, ...plainSamples()];
}

const restOf = (message: Uint8Array): number => new DataView(message.buffer).getUint32(4);

/** Those that are of one family or link type. */
function plainSamples(): Sample[] {
  const a = ADDRESS_OF_A;
  const z = ADDRESS_OF_Z;
  const mac = 0x02005e100001;
  const icmpv6 = (message: Uint8Array): Uint8Array =>
    ipv6(IP_PROTOCOL_ICMPV6, icmp(6, message[0] ?? 0, 0, restOf(message), message.subarray(8)));
  const solicitation = built(
    (v, at) => writeNeighborSolicitation(v, at, z[6]),
    (v, at) => writeNdLinkLayerAddress(v, at, 1, mac),
  );
  const advertisement = built(
    (v, at) => writeNeighborAdvertisement(v, at, 0xe0, z[6]),
    (v, at) => writeNdLinkLayerAddress(v, at, 2, mac),
  );
  const router = built(
    (v, at) => writeRouterAdvertisement(v, at, 64, 0, 1800, 30_000, 1000),
    (v, at) => writeNdMtu(v, at, 1500),
    (v, at) =>
      writeNdPrefixInformation(v, at, 64, 0xc0, 86_400, 14_400, IpAddress.parse("2001:db8::")),
  );
  const report = built(
    (v, at) => writeMldv2Report(v, at, 1),
    (v, at) => writeMldv2Record(v, at, 4, IpAddress.parse("ff02::5"), []),
  );
  const hopByHop = built(
    (v, at) => writeIpv6OptionsHeader(v, at, IP_PROTOCOL_ICMPV6, 8),
    (v, at) => writeIpv6RouterAlert(v, at, 0),
    (v, at) => writeIpv6Padding(v, at, 2),
  );
  const arp = built((v, at) => writeArp(v, at, 1, mac, a[4], 0, z[4]));
  const route = built(
    (v, at) => writeIpv4RouteOption(v, at, 7, 8, [a[4], z[4]]),
    (v, at) => {
      v.setUint8(at, 0);
      return 1;
    },
  );
  const [, ...chunks] = SAMPLE_CHUNKS[0] ?? [""];
  const datagram = udp(4, 40_001, 40_002, filler(100));
  const v6 = (name: string, packet: Uint8Array): Sample => ({
    name,
    linkType: LINK_TYPE.ipv6,
    packet,
  });
  return [
    { name: "ARP", linkType: LINK_TYPE.ethernet, packet: ethernet(arp, ETHER_TYPE_ARP) },
    {
      name: "IPv4 with record route",
      linkType: LINK_TYPE.ipv4,
      packet: ipv4(IP_PROTOCOL_UDP, datagram, { options: route }),
    },
    {
      name: "IPv4, marked CE",
      linkType: LINK_TYPE.raw,
      packet: ipv4(IP_PROTOCOL_UDP, datagram, { tos: 3 }),
    },
    {
      name: "IPv4, first fragment",
      linkType: LINK_TYPE.raw,
      packet: ipv4(IP_PROTOCOL_UDP, datagram.subarray(0, 40), {
        flagsAndOffset: IPV4_MORE_FRAGMENTS,
      }),
    },
    {
      name: "IPv4, last fragment",
      linkType: LINK_TYPE.raw,
      packet: ipv4(IP_PROTOCOL_UDP, datagram.subarray(40), { flagsAndOffset: 5 }),
    },
    v6("IPv6, first fragment", ipv6Fragment(IP_PROTOCOL_UDP, 0, true, datagram.subarray(0, 40))),
    v6("IPv6, last fragment", ipv6Fragment(IP_PROTOCOL_UDP, 40, false, datagram.subarray(40))),
    v6("neighbor solicitation", icmpv6(solicitation)),
    v6("neighbor advertisement", icmpv6(advertisement)),
    v6("router advertisement", icmpv6(router)),
    v6("MLDv2 report", ipv6(IP_PROTOCOL_HOP_BY_HOP, icmpv6(report).subarray(40), hopByHop)),
    {
      name: "SCTP alone",
      linkType: LINK_TYPE.sctp,
      packet: sctp(1, ...chunks),
    },
  ];
}

const DIRECTIONS: readonly CaptureDirection[] = ["unknown", "inbound", "outbound"];
const START_US = 1_700_000_000_000_000;

/** All samples in a pcapng file, an interface for each link type, every second with nanoseconds. */
function writeCapture(all: readonly Sample[]): Uint8Array {
  const pieces: Uint8Array[] = [];
  const writer = new PcapngWriter((piece) => pieces.push(piece), {
    application: "multihome",
    comment: "everything there is a writer for",
  });
  const interfaces = new Map<number, number>();
  all.forEach(({ name, linkType, packet }, i) => {
    let id = interfaces.get(linkType);
    if (id === undefined) {
      const resolution = interfaces.size % 2 === 0 ? "us" : "ns";
      id = writer.addInterface({ linkType, name: `link${linkType}`, resolution });
      interfaces.set(linkType, id);
    }
    const direction = DIRECTIONS[i % 3] ?? "unknown";
    const at = START_US + i * 1001;
    writer.writePacket(id, at, packet, 0, packet.length, {
      comment: name,
      direction,
      nanoseconds: 7,
    });
  });
  return Uint8Array.from(Buffer.concat(pieces));
}

/** The type of a chunk that the ERROR among the samples quotes. */
const UNRECOGNIZED = 0x7e;

/** The values of `name` below nodes that `within` takes, in the order of the packet. */
function valuesOf(tree: TreeNode, name: string, within: (node: TreeNode) => boolean): number[] {
  const found: number[] = [];
  const visit = (node: TreeNode): void => {
    for (const child of node.children ?? []) {
      if (child.name === name && within(node)) found.push(Number(child.value));
      visit(child);
    }
  };
  visit(tree);
  return found;
}

/** The kinds of TCP options; those without a length have a node without fields. */
function optionKinds(tree: TreeNode): number[] {
  const tcpNode = tree.children?.find((node) => node.name === "tcp");
  return (tcpNode?.children ?? []).flatMap((option) => {
    if (option.name === "noOperation") return [1];
    return option.children === undefined ? [] : valuesOf(option, "kind", () => true);
  });
}

const has = (node: TreeNode, name: string): boolean =>
  node.children?.some((child) => child.name === name) ?? false;

/** What tshark calls a field, and where it is in our tree. */
const FIELDS: ReadonlyMap<string, (tree: TreeNode) => number[]> = new Map([
  // Chunks alone have flags, parameters alone a type of two bytes.
  ["sctp.chunk_type", (tree) => valuesOf(tree, "type", (node) => has(node, "flags"))],
  ["sctp.cause_code", (tree) => valuesOf(tree, "code", (node) => !has(node, "checksum"))],
  ["sctp.verification_tag", (tree) => valuesOf(tree, "verificationTag", () => true)],
  ["tcp.option_kind", optionKinds],
  ["tcp.options.mptcp.subtype", (tree) => valuesOf(tree, "subtype", () => true)],
  ["udp.length", (tree) => valuesOf(tree, "length", (node) => node.name === "udp")],
]);

const EXPERT_ERROR = 0x800000;

requireTools("tshark")("tshark", () => {
  const all = samples();
  const file = writeCapture(all);
  let folder = "";
  let path = "";

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "multihome-tshark-"));
    path = join(folder, "samples.pcapng");
    writeFileSync(path, file);
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  test("finds no sample malformed, and every checksum right", () => {
    const protocols = ["ip", "udp", "tcp", "sctp", "icmp", "icmpv6"];
    const statuses = protocols.map((protocol) => `${protocol}.checksum.status`);
    const severity = "_ws.expert.severity";
    const message = "_ws.expert.message";
    const rows = tshark(path, ["frame.comment", "frame.protocols", severity, message, ...statuses]);
    expect(rows.map((row) => row.get("frame.comment"))).toEqual(all.map(({ name }) => [name]));
    const verified = new Map<string, number>();
    for (const row of rows) {
      const name = row.get("frame.comment")?.join() ?? "";
      const errors = row.get(severity)?.filter((value) => Number(value) >= EXPERT_ERROR) ?? [];
      expect([name, errors.length, row.get(message)]).toEqual([name, 0, expect.anything()]);
      expect(row.get("frame.protocols")?.join()).not.toContain("malformed");
      for (const status of statuses) {
        for (const value of row.get(status) ?? []) {
          // 1 good, 2 not verified: of a first fragment.
          expect([name, status, value]).toEqual([
            name,
            status,
            /fragment/.test(name) && value === "2" ? "2" : "1",
          ]);
          verified.set(status, (verified.get(status) ?? 0) + 1);
        }
      }
    }
    expect([...verified.keys()].sort()).toEqual([...statuses].sort());
    expect(verified.get("sctp.checksum.status")).toBe(4 * SAMPLE_CHUNKS.length + 1);
    expect(verified.get("tcp.checksum.status")).toBe(2 * SAMPLE_SEGMENTS.length);
  });

  test("finds in each packet the chunks, parameters, causes and options that we find", () => {
    const rows = tshark(path, [...FIELDS.keys()]);
    const view = new DataView(file.buffer);
    const packets = [...readCapture(file)];
    const seen = new Map<string, Set<number>>();
    rows.forEach((row, i) => {
      const { name } = all[i] ?? { name: "" };
      const p = packets[i];
      if (p === undefined) throw new Error(`no packet ${i}`);
      const tree = dissectPacket(file, view, p.at, p.at + p.capturedLength, p.linkType);
      for (const [field, ours] of FIELDS) {
        const found = ours(tree);
        const theirs = row.get(field)?.map(Number) ?? [];
        expect([name, field, found]).toEqual([name, field, theirs]);
        for (const value of found) {
          seen.set(field, (seen.get(field) ?? new Set()).add(value));
        }
      }
    });
    const numbers = (field: string): number[] => [...(seen.get(field) ?? [])].sort((a, b) => a - b);
    expect(numbers("sctp.chunk_type")).toEqual(
      [...Object.values(ChunkType), UNRECOGNIZED].sort((a, b) => a - b),
    );
    expect(numbers("tcp.options.mptcp.subtype")).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test("shows the interfaces, times, directions and lengths that we wrote", () => {
    const rows = tshark(path, [
      "frame.interface_name",
      "frame.time_epoch",
      "frame.packet_flags_direction",
      "frame.len",
      "ip.src",
    ]);
    const order = [...new Set(all.map(({ linkType }) => linkType))];
    rows.forEach((row, i) => {
      const sample = all[i];
      if (sample === undefined) throw new Error(`no sample ${i}`);
      expect(row.get("frame.interface_name")).toEqual([`link${sample.linkType}`]);
      const us = String(START_US + i * 1001);
      const nanoseconds = order.indexOf(sample.linkType) % 2 === 1 ? "007" : "000";
      expect(row.get("frame.time_epoch")).toEqual([
        `${us.slice(0, 10)}.${us.slice(10)}${nanoseconds}`,
      ]);
      const direction = row.get("frame.packet_flags_direction") ?? [];
      expect(direction.map(Number)).toEqual(i % 3 === 0 ? [] : [i % 3]);
      expect(row.get("frame.len")).toEqual([String(sample.packet.length)]);
    });
  });

  test("counts in our capture what we count", () => {
    const view = new DataView(file.buffer);
    const summary = new CaptureSummary();
    for (const p of readCapture(file)) {
      summary.add(file, view, p.at, p.at + p.capturedLength, p.linkType, p.timestampUs);
    }
    const counts = summary.toCounts(file.length);
    const rows = tshark(path, ["frame.protocols"]);
    for (const [protocol, count] of Object.entries(counts.packets_with_protocol)) {
      const theirs = rows.filter((row) =>
        row.get("frame.protocols")?.[0]?.split(":").includes(protocol),
      );
      expect([protocol, count]).toEqual([protocol, theirs.length]);
    }
    expect(counts).toMatchObject({
      packets: all.length,
      ip4_fragments: 2,
      ip6_fragments: 2,
      ip_ce_marked: 1,
    });
  });

  test.each(["us", "ns"] as const)("reads our classic pcap with %s", (resolution) => {
    const pieces: Uint8Array[] = [];
    const writer = new PcapWriter((piece) => pieces.push(piece), {
      linkType: LINK_TYPE.ethernet,
      resolution,
    });
    const packet = ethernet(ip(4, IP_PROTOCOL_UDP, udp(4, 1, 2, filler(100))), etherTypeOf(4));
    writer.writePacket(START_US + 1, packet, 0, packet.length, { nanoseconds: 9 });
    writer.writePacket(START_US + 2, packet, 0, 60, { originalLength: packet.length });
    const classic = join(folder, `${resolution}.pcap`);
    writeFileSync(classic, Buffer.concat(pieces));
    const rows = tshark(classic, ["frame.time_epoch", "frame.cap_len", "frame.len", "udp.length"]);
    expect(rows.map((row) => [...row.values()].map((values) => values.join()))).toEqual([
      [`1700000000.000001${resolution === "ns" ? "009" : "000"}`, "142", "142", "108"],
      ["1700000000.000002000", "60", "142", "108"],
    ]);
  });
});
