import { expect, test } from "@jest/globals";
import {
  checkIpv4,
  checkIpv6,
  icmpChecksumOk,
  icmpCode,
  icmpRest,
  icmpType,
  ipv4ChecksumOk,
  ipv4Destination,
  ipv4DontFragment,
  ipv4Ecn,
  ipv4Protocol,
  ipv4Source,
  ipv4TotalLength,
  ipv4Ttl,
  ipv6Destination,
  ipv6HopLimit,
  ipv6NextHeader,
  ipv6Source,
  LINK_TYPE,
  pseudoHeaderSum,
  readCapture,
  udpChecksumState,
  udpDestinationPort,
  udpLength,
  udpSourcePort,
} from "@multihome/wire";
import { type CaptureOptions, captureLinks } from "../src/link-capture.js";
import { type TwoHostsOptions, twoHosts } from "../src/two-hosts.js";
import { at, ProbeNode, type Sending, stream } from "./probe-node.js";

interface Captured {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly time: number | undefined;
  readonly link: number;
  readonly direction: string;
}

/** Runs, captures all path links, and reads the file back. */
function capture(
  options: TwoHostsOptions,
  sendings: readonly Sending[],
  how: CaptureOptions = {},
): { readonly names: readonly unknown[]; readonly packets: readonly Captured[] } {
  const net = twoHosts(options);
  const pieces: Uint8Array[] = [];
  captureLinks(
    net.paths.map((path) => path.link),
    (piece) => pieces.push(piece),
    how,
  );
  const z = new ProbeNode();
  z.echo = true;
  net.z.attach(z);
  net.a.attach(new ProbeNode(sendings));
  net.sim.runUntilIdle();
  const file = Uint8Array.from(pieces.flatMap((piece) => [...piece]));
  const read = readCapture(file);
  const packets = [...read].map((record) => {
    expect(record.linkType).toBe(LINK_TYPE.raw);
    expect(record.originalLength).toBe(record.capturedLength);
    const bytes = file.slice(record.at, record.at + record.capturedLength);
    return {
      bytes,
      view: new DataView(bytes.buffer),
      time: record.timestampUs,
      link: record.interfaceId,
      direction: record.direction,
    };
  });
  expect(read.problem).toBeUndefined();
  return { names: read.interfaces.map(({ name }) => name), packets };
}

test("an IPv4 and UDP packet is written with right headers and checksums", () => {
  const sendings = stream(1, 101, 0).map((s) => ({ ...s, ecn: 2, ports: [1234, 9899] as const }));
  const { packets } = capture({ paths: [{ delayMs: 7 }] }, sendings);
  expect(packets.map(({ time, direction }) => [time, direction])).toEqual([
    [0, "outbound"],
    [7000, "inbound"],
  ]);
  const [there, back] = packets;
  if (there === undefined || back === undefined) throw new Error("two packets expected");
  const { view, bytes } = there;
  expect(checkIpv4(view, 0, bytes.length)).toBe("ok");
  expect(ipv4ChecksumOk(view, 0)).toBe(true);
  expect(ipv4TotalLength(view, 0)).toBe(bytes.length);
  expect(bytes).toHaveLength(20 + 8 + 101);
  expect(ipv4Source(view, 0).toString()).toBe("10.0.0.2");
  expect(ipv4Destination(view, 0).toString()).toBe("10.0.1.2");
  expect([ipv4Ecn(view, 0), ipv4Ttl(view, 0), ipv4Protocol(view, 0)]).toEqual([2, 64, 17]);
  expect(ipv4DontFragment(view, 0)).toBe(false);
  expect([udpSourcePort(view, 20), udpDestinationPort(view, 20), udpLength(view, 20)]).toEqual([
    1234, 9899, 109,
  ]);
  const sum = pseudoHeaderSum(ipv4Source(view, 0), ipv4Destination(view, 0), 17, 109);
  expect(udpChecksumState(bytes, view, 20, sum)).toBe("ok");
  expect([...bytes.subarray(28, 38)]).toEqual([0, 0, 0, 0, 4, 5, 6, 7, 8, 9]);
  expect(ipv4Source(back.view, 0).toString()).toBe("10.0.1.2");
  expect(udpDestinationPort(back.view, 20)).toBe(1234);
});

test("an IPv6 packet without UDP carries SCTP at once", () => {
  const sendings = [
    { at: at(5), from: "fd00:0::2", to: "fd00:0:1::2", bytes: 33, ports: [0, 0] as const },
  ];
  const { packets } = capture({ family: "ipv6", paths: [{}] }, sendings);
  const { view, bytes } = packets[0] ?? { view: new DataView(new ArrayBuffer(0)), bytes: [] };
  expect(checkIpv6(view, 0, bytes.length)).toBe("ok");
  expect(bytes).toHaveLength(40 + 33);
  expect([ipv6NextHeader(view, 0), ipv6HopLimit(view, 0)]).toEqual([132, 64]);
  expect(ipv6Source(view, 0).toString()).toBe("fd00::2");
  expect(ipv6Destination(view, 0).toString()).toBe("fd00:0:1::2");
});

test("an IPv6 and UDP packet has the checksum that IPv6 demands", () => {
  const sendings = [{ at: at(5), from: "fd00:0::2", to: "fd00:0:1::2", bytes: 33 }];
  const { packets } = capture({ family: "ipv6", paths: [{}] }, sendings);
  const { view, bytes } = packets[0] ?? {
    view: new DataView(new ArrayBuffer(0)),
    bytes: new Uint8Array(),
  };
  const sum = pseudoHeaderSum(ipv6Source(view, 0), ipv6Destination(view, 0), 17, 41);
  expect(udpChecksumState(bytes, view, 40, sum)).toBe("ok");
});

test.each(["ipv4", "ipv6"] as const)("ICMP errors are written whole, over %s", (family) => {
  const v4 = family === "ipv4";
  const [from, to] = v4 ? ["10.0.0.2", "10.0.1.2"] : ["fd00:0::2", "fd00:0:1::2"];
  const { packets } = capture({ family, paths: [{ mtu: 1300 }] }, [
    { at: at(0), from, to, bytes: 1400 },
  ]);
  const error = packets.find(({ direction }) => direction === "inbound");
  if (error === undefined) throw new Error("an ICMP error was expected");
  const { view, bytes } = error;
  const ip = v4 ? 20 : 40;
  expect(bytes).toHaveLength(v4 ? 576 : 1280);
  const [source, destination] = v4
    ? [ipv4Source(view, 0), ipv4Destination(view, 0)]
    : [ipv6Source(view, 0), ipv6Destination(view, 0)];
  expect(destination.toString()).toBe(v4 ? "10.0.0.2" : "fd00::2");
  expect([icmpType(view, ip), icmpCode(view, ip), icmpRest(view, ip)]).toEqual(
    v4 ? [3, 4, 1300] : [2, 0, 1300],
  );
  const sum = v4 ? 0 : pseudoHeaderSum(source, destination, 58, bytes.length - ip);
  expect(icmpChecksumOk(bytes, ip, bytes.length, sum)).toBe(true);
  // The quote: the IP header of what was sent, with its length, and its UDP ports.
  const quote = ip + 8;
  if (v4) {
    expect(ipv4ChecksumOk(view, quote)).toBe(true);
    expect(ipv4TotalLength(view, quote)).toBe(20 + 8 + 1400);
  } else expect(ipv6Destination(view, quote).toString()).toBe("fd00:0:1::2");
  expect(udpDestinationPort(view, quote + ip)).toBe(9899);
  expect(udpLength(view, quote + ip)).toBe(1408);
});

test("what is sent shows lost packets; what is delivered shows only what came through, when it came", () => {
  const options: TwoHostsOptions = { paths: [{ delayMs: 3, loss: 1, zToA: { loss: 0 } }] };
  expect(capture(options, stream(4, 40, 0)).packets).toHaveLength(4);
  expect(capture(options, stream(4, 40, 0), { where: "delivered" }).packets).toHaveLength(0);
  const twice = capture({ paths: [{ delayMs: 3, duplicate: 1 }] }, stream(1, 40, 0), {
    where: "delivered",
  });
  expect(twice.packets.slice(0, 2).map(({ time }) => time)).toEqual([3000, 3000]);
});

test("several links are interfaces of one file, from an epoch on", () => {
  const sendings = [0, 1].map((i) => ({
    at: at(i * 1_000_000),
    from: `10.${i}.0.2`,
    to: `10.${i}.1.2`,
    bytes: 40,
  }));
  const { names, packets } = capture({ paths: [{}, {}] }, sendings, { epochMs: 1_800_000_000_000 });
  expect(names).toEqual(["path0", "path1"]);
  expect(packets.map(({ link, time }) => [link, time])).toEqual([
    [0, 1_800_000_000_000_000],
    [0, 1_800_000_000_000_000],
    [1, 1_800_000_001_000_000],
    [1, 1_800_000_001_000_000],
  ]);
});

test("a packet of the largest size is captured whole", () => {
  const { packets } = capture({ paths: [{ mtu: null }] }, stream(1, 65_507, 0));
  expect(packets[0]?.bytes).toHaveLength(65_535);
});

test("capturing does not change the run", () => {
  const digest = (captured: boolean): string => {
    const net = twoHosts({ seed: 3, paths: [{ loss: 0.2, corrupt: { probability: 0.3 } }] });
    if (captured) captureLinks([...net.paths.map((path) => path.link)], () => undefined);
    net.z.attach(new ProbeNode());
    net.a.attach(new ProbeNode(stream(50, 40, 10)));
    net.sim.runUntilIdle();
    return net.sim.digest;
  };
  expect(digest(true)).toBe(digest(false));
});
