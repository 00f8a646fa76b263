import type { Instant, IpAddress } from "@multihome/base";
import { ChunkType, chunkType, initInitiateTag } from "@multihome/wire";
import type { SctpAssociation } from "./association.js";
import { closeAssociation } from "./closing.js";
import { markAllOf } from "./marking.js";
import { countPathError, failPath } from "./path-failure.js";
import { alternatePath, updateAmdcs } from "./path-selection.js";

/** An ICMP or ICMPv6 message about a packet of ours, as the layer below understood it. */
export interface IcmpNotice {
  readonly kind: /** Destination Unreachable with a code that names no protocol or port. */
    | "unreachable"
    /** Protocol Unreachable, Unrecognized Next Header; Port Unreachable for UDP (RFC 6951 s5.5). */
    | "protocolUnreachable"
    /** Fragmentation Needed or Packet Too Big. */
    | "packetTooBig";
  /** Next-hop MTU of a packetTooBig, bytes of IP packet; 0 when the router did not tell. */
  readonly mtu: number;
  /** Our address and the destination of the packet that it is about. */
  readonly local: IpAddress;
  readonly remote: IpAddress;
  /** Destination UDP port of the quoted packet, 0 without UDP. */
  readonly remotePort: number;
  /** The quoted SCTP packet, from its common header on; at least 8 bytes. */
  readonly quoted: Uint8Array;
}

/** True if the quoted packet is one that this association sent. RFC 9260 s10 ICMP6 */
export function icmpMatches(a: SctpAssociation, n: IcmpNotice): boolean {
  const q = view(n.quoted);
  if (q.byteLength < 8) return false;
  const vtag = q.getUint32(4);
  if (vtag !== 0) return vtag === a.peerVtag;
  if (!quotesInit(n)) return false;
  // An INIT carries our own tag: that is what proves it ours.
  return initInitiateTag(q, 12) === a.myVtag;
}

const view = (b: Uint8Array): DataView => new DataView(b.buffer, b.byteOffset, b.byteLength);

function quotesInit(n: IcmpNotice): boolean {
  const q = view(n.quoted);
  return q.byteLength >= 20 && chunkType(q, 12) === ChunkType.init;
}

/** Acts on a message that passed {@link icmpMatches}. RFC 9260 s10 ICMP7 to ICMP9 */
export function handleIcmp(a: SctpAssociation, now: Instant, n: IcmpNotice): void {
  const path = a.findPath(n.local, n.remote);
  if (n.kind === "packetTooBig") {
    if (path === undefined) return;
    // RFC 1191 s3, RFC 8201 s4: never below the minimum, never up; 0 means an old router.
    const floor = n.remote.family === 4 ? 576 : 1280;
    const mtu = Math.max(floor, n.mtu === 0 ? floor : n.mtu);
    if (mtu < path.pathMtu) {
      path.pathMtu = mtu;
      path.cc.setPmdcs(path.pmdcs);
      updateAmdcs(a);
    }
    return;
  }
  if (n.kind === "protocolUnreachable") {
    const isInit = quotesInit(n);
    // ICMP8: like an ABORT with the T bit, unless it quotes an INIT in another state than COOKIE-WAIT.
    if (isInit && a.state.kind !== "cookieWait") return;
    // While other addresses are left to try, one that refuses is no end of the set-up.
    if (a.state.kind === "cookieWait" && a.state.setup.candidates.length > 1) return;
    closeAssociation(
      a,
      now,
      a.state.kind === "cookieWait"
        ? { kind: "setupFailed", detail: `${n.remote.toString()}: nobody there (ICMP)` }
        : { kind: "abortedByPeer", causeCodes: [], reason: undefined },
    );
    return;
  }
  if (path === undefined || !path.confirmed) return;
  // ICMP9: the destination may be taken as unreachable, if there is another way; or an error counts.
  if (a.config.probing && path.state.kind === "active" && alternatePath(a, path) !== undefined) {
    markAllOf(a, path);
    failPath(a, now, path, "icmpUnreachable");
  } else countPathError(a, now, path, "icmpUnreachable", false);
}
