import { type PacketRef, type Tsn, tsnAdd, tsnGt, tsnLeq } from "@multihome/base";
import {
  ChunkType,
  chunkType,
  nextChunk,
  SCTP_HEADER_LENGTH,
  sackCumTsnAck,
  sackGapCount,
  sackGapEnd,
  sackGapStart,
  sctpVerificationTag,
} from "@multihome/wire";
import type { Oracle } from "../oracle.js";
import type { TestPeer } from "../test-peer.js";

/** What the last SACK of one host on one association reported. */
interface Reported {
  cum: Tsn;
  /** First and last TSN of each gap block, in turn. */
  blocks: Tsn[];
}

/**
 * What a SACK of ours has reported, every later one reports as well: RFC 9260 s6.2 lets a receiver take gap
 * blocks back, and ours never does. A SACK that leaves a gap block out makes the peer send what has arrived.
 */
export const keepingItsWord: Oracle = {
  name: "keepingItsWord",
  watch: () => {
    const all = new Map<string, Reported>();
    return { sent: (peer, packet) => check(all, peer, packet) };
  },
};

function check(
  all: Map<string, Reported>,
  peer: TestPeer,
  { view, start, end }: PacketRef,
): string | undefined {
  for (let at = start + SCTP_HEADER_LENGTH; at < end; at = nextChunk(view, at)) {
    if (chunkType(view, at) !== ChunkType.sack) continue;
    const key = `${peer.side} ${sctpVerificationTag(view, start)}`;
    const now = read(view, at);
    const before = all.get(key);
    all.set(key, now);
    const broken = before === undefined ? undefined : compare(before, now);
    if (broken !== undefined) return `${peer.side} ${broken}`;
  }
  return undefined;
}

function read(view: DataView, at: number): Reported {
  const cum = sackCumTsnAck(view, at);
  const blocks: Tsn[] = [];
  for (let i = 0; i < sackGapCount(view, at); i++) {
    blocks.push(tsnAdd(cum, sackGapStart(view, at, i)), tsnAdd(cum, sackGapEnd(view, at, i)));
  }
  return { cum, blocks };
}

function compare(before: Reported, now: Reported): string | undefined {
  if (tsnGt(before.cum, now.cum)) return `acknowledged up to ${now.cum} after ${before.cum}`;
  for (let i = 0; i < before.blocks.length; i += 2) {
    const first = before.blocks[i] as Tsn;
    const last = before.blocks[i + 1] as Tsn;
    if (!reports(now, first, last)) {
      return `left ${first} to ${last} out of a SACK (up to ${now.cum}), which an earlier one had reported`;
    }
  }
  return undefined;
}

function reports({ cum, blocks }: Reported, first: Tsn, last: Tsn): boolean {
  if (tsnLeq(last, cum)) return true;
  const from = tsnLeq(first, cum) ? tsnAdd(cum, 1) : first;
  for (let i = 0; i < blocks.length; i += 2) {
    if (tsnLeq(blocks[i] as Tsn, from) && tsnLeq(last, blocks[i + 1] as Tsn)) return true;
  }
  return false;
}
