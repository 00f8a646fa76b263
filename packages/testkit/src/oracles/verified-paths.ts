import { type PacketRef, sameIp } from "@multihome/base";
import { ChunkType, checkChunk, chunkType, nextChunk, SCTP_HEADER_LENGTH } from "@multihome/wire";
import type { Oracle } from "../oracle.js";
import type { Pair } from "../pair.js";
import type { TestPeer } from "../test-peer.js";

/** User data goes only over paths that were verified and are allowed. RFC 9260 s5.4 */
export const verifiedPaths: Oracle = {
  name: "verifiedPaths",
  watch: (pair) => ({ sent: (peer, packet) => check(pair, peer, packet) }),
};

function check(pair: Pair, peer: TestPeer, packet: PacketRef): string | undefined {
  const { id } = peer;
  if (id === undefined || peer.ended !== undefined) return undefined;
  // With a host that has started anew there may be two associations, and a packet does not tell which.
  if (pair.a.reboots + pair.z.reboots > 0 || !hasData(packet)) return undefined;
  const { core } = peer.node;
  const paths = core.paths(id);
  if (paths.length === 0) return undefined;
  for (const path of paths) {
    if (!sameIp(path.local, packet.local) || !sameIp(path.remote, packet.remote)) continue;
    const where = `${peer.side} sent DATA from ${path.local} to ${path.remote}`;
    if (path.stateKind === "unconfirmed") return `${where}, which is not verified`;
    if (!path.allowed) return `${where}, which is not allowed`;
    return undefined;
  }
  return `${peer.side} sent DATA from ${packet.local} to ${packet.remote}, which is no path of the association`;
}

function hasData(packet: PacketRef): boolean {
  const { view, end } = packet;
  for (let at = packet.start + SCTP_HEADER_LENGTH; at < end; at = nextChunk(view, at)) {
    if (checkChunk(view, at, end) !== "ok") return false;
    if (chunkType(view, at) === ChunkType.data) return true;
  }
  return false;
}
