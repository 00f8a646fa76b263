import { icmpChecksumOk } from "../icmp/icmp-header.js";
import { IP_PROTOCOL_ICMPV6, IP_PROTOCOL_TCP, IP_PROTOCOL_UDP } from "../ip/ip-protocol.js";
import { checkIpv4Header, ipv4ChecksumOk } from "../ip/ipv4.js";
import { ipv4PseudoHeaderSum, ipv6PseudoHeaderSum } from "../ip/pseudo-header.js";
import { SCTP_HEADER_LENGTH, sctpChecksumField, sctpChecksumOk } from "../sctp/common-header.js";
import { checkTcp, tcpChecksumOk } from "../tcp/tcp.js";
import { udpChecksumState, udpLength } from "../udp/udp.js";
import type { Layer } from "./packet-layers.js";

/**
 * What is to be said of a layer's checksum: `absent` if the sender computed none; `unknown` if not all that
 * it covers is there, or there is no such field.
 */
export type ChecksumState = "right" | "wrong" | "absent" | "unknown";

/** Verifies the checksum of a layer. `bytes` and `view` must cover the same memory. */
export function layerChecksum(bytes: Uint8Array, view: DataView, layer: Layer): ChecksumState {
  const { at, end } = layer;
  switch (layer.kind) {
    case "ipv4":
      return checkIpv4Header(view, at, end) === "ok"
        ? verdict(ipv4ChecksumOk(view, at))
        : "unknown";
    case "icmpv4":
      return layer.whole && end - at >= 4 ? verdict(icmpChecksumOk(bytes, at, end, 0)) : "unknown";
    case "icmpv6": {
      if (!layer.whole || end - at < 4) return "unknown";
      const pseudoSum = pseudoHeaderSumOf(view, layer, IP_PROTOCOL_ICMPV6, end - at);
      return verdict(icmpChecksumOk(bytes, at, end, pseudoSum));
    }
    case "udp": {
      if (!layer.whole) return "unknown";
      const pseudoSum = pseudoHeaderSumOf(view, layer, IP_PROTOCOL_UDP, udpLength(view, at));
      const state = udpChecksumState(bytes, view, at, pseudoSum);
      return state === "absent" ? "absent" : verdict(state === "ok");
    }
    case "tcp": {
      if (!layer.whole || checkTcp(view, at, end) !== "ok") return "unknown";
      const pseudoSum = pseudoHeaderSumOf(view, layer, IP_PROTOCOL_TCP, end - at);
      return verdict(tcpChecksumOk(bytes, at, end, pseudoSum));
    }
    case "sctp":
      if (!layer.whole || end - at < SCTP_HEADER_LENGTH) return "unknown";
      if (sctpChecksumOk(bytes, view, at, end)) return "right";
      // RFC 9653 s5.3: zero is accepted by who announced so, which one packet cannot tell.
      return sctpChecksumField(view, at) === 0 ? "absent" : "wrong";
    default:
      return "unknown";
  }
}

const verdict = (ok: boolean): ChecksumState => (ok ? "right" : "wrong");

const pseudoHeaderSumOf = (
  view: DataView,
  layer: Layer,
  protocol: number,
  length: number,
): number =>
  view.getUint8(layer.ipAt) >>> 4 === 4
    ? ipv4PseudoHeaderSum(view, layer.ipAt, protocol, length)
    : ipv6PseudoHeaderSum(view, layer.ipAt, protocol, length);
