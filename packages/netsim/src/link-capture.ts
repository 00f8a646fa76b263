import { checkNumber, type Instant } from "@multihome/base";
import { LINK_TYPE, PcapngWriter } from "@multihome/wire";
import type { DuplexLink } from "./duplex-link.js";
import { MAX_IP_BYTES, writeIpPacket } from "./ip-bytes.js";
import type { Link, PacketTap } from "./link.js";
import type { SimPacket } from "./sim-packet.js";

/** How links are captured. */
export interface CaptureOptions {
  /**
   * `sent`: what enters the links, lost packets included, at the time it is sent; `delivered`: what comes
   * out, duplicates and corrupted packets included, at the time it arrives. @defaultValue "sent"
   */
  readonly where?: PacketTap["where"];
  /** What the simulation's 0 is in milliseconds since 1970. @defaultValue 0 */
  readonly epochMs?: number;
}

/**
 * Writes what goes over links as one pcapng file, from now on. Each duplex link is an interface of the
 * file, "outbound" from its first end to its second. Packets begin with an IP header (link type 101), with
 * right checksums, also over corrupted payloads.
 *
 * @param sink takes the file piece by piece, and may keep the pieces
 * @throws StackError `invalidOption`
 */
export function captureLinks(
  links: readonly DuplexLink[],
  sink: (piece: Uint8Array) => void,
  options: CaptureOptions = {},
): void {
  const where = options.where ?? "sent";
  const latest = Number.MAX_SAFE_INTEGER / 2000;
  const epoch = 1000 * checkNumber("epochMs", options.epochMs ?? 0, 0, latest);
  const writer = new PcapngWriter(sink, { application: "multihome netsim" });
  const bytes = new Uint8Array(MAX_IP_BYTES);
  const view = new DataView(bytes.buffer);
  for (const duplex of links) {
    const id = writer.addInterface({ name: duplex.name, linkType: LINK_TYPE.raw });
    const tap = (link: Link, direction: "inbound" | "outbound"): void =>
      link.addTap({
        where,
        packet(now: Instant, packet: SimPacket): void {
          const length = writeIpPacket(packet, bytes, view);
          writer.writePacket(id, epoch + now, bytes, 0, length, { direction });
        },
      });
    tap(duplex.aToZ, "outbound");
    tap(duplex.zToA, "inbound");
  }
}
