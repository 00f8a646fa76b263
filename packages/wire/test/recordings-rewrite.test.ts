import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { dissectPacket, formatTree, readCapture } from "../src/index.js";
import { rewritePacket } from "./rewrite-packet.js";

// The recordings of the repository's tests; what they hold is tested there.
const folder = new URL("../../../test/recordings/", import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith(".pcap"));

/**
 * What has no field of its own to be read and written by, and is carried over as bytes: chunks of unknown type,
 * an INIT too short for its fields, padding of IPv4 options; and checksums that are wrong, absent, or of a
 * packet that is not whole.
 */
const CARRIED_OVER: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "ip4-fragments-by-router.pcap": { "icmp checksum not verified": 2 },
  "ip4-fragments.pcap": { "icmp checksum not verified": 6 },
  "ip4-options.pcap": { endOfOptionList: 1, noOperation: 1 },
  "ip6-fragments.pcap": { "icmpv6 checksum not verified": 4 },
  "sctp-crafted-errors.pcap": {
    "chunk 62": 1,
    "chunk 126": 1,
    "chunk 190": 1,
    "chunk 254": 1,
    "init 1": 1,
    "sctp checksum wrong": 1,
  },
  // usrsctp adds a count of packets to what RFC 4960 appendix A has.
  "sctp-ecn.pcap": { "ecne 12": 8 },
  "udp.pcap": { "udp checksum absent": 1, "udp checksum not verified": 10 },
};

test("there are recordings", () => expect(names.length).toBeGreaterThan(80));

test.each(names)("%s is written again to the same bytes, header by header", (name) => {
  const file = Uint8Array.from(readFileSync(new URL(name, folder)));
  const carriedOver: Record<string, number> = {};
  let packets = 0;
  for (const p of readCapture(file)) {
    packets++;
    // A buffer of its own, where the packet does not begin at 0.
    const bytes = new Uint8Array(3 + p.capturedLength);
    bytes.set(file.subarray(p.at, p.at + p.capturedLength), 3);
    const view = new DataView(bytes.buffer);
    const tree = dissectPacket(bytes, view, 3, bytes.length, p.linkType);
    const rewritten = rewritePacket(bytes, view, tree);
    if (Buffer.compare(rewritten.outBytes.subarray(3), bytes.subarray(3)) !== 0) {
      const at = bytes.findIndex((byte, n) => n >= 3 && byte !== rewritten.outBytes[n]);
      throw new Error(`packet ${packets} differs at byte ${at} of\n${formatTree(tree)}`);
    }
    for (const what of rewritten.carriedOver) carriedOver[what] = (carriedOver[what] ?? 0) + 1;
  }
  expect(packets).toBeGreaterThan(0);
  expect(carriedOver).toEqual(CARRIED_OVER[name] ?? {});
});
