import type { AssociationStory } from "./association-story.js";

/** The story of an association as one JSON object; times in milliseconds since it began. */
export function storyObject(s: AssociationStory): object {
  const at = (us: number): number => (us - s.beganAt) / 1000;
  const wait = (w: { readonly from: number; readonly to: number }): object | null =>
    w.to === 0 ? null : { fromMs: at(w.from), ms: (w.to - w.from) / 1000 };
  return {
    ...(s.host === "" ? {} : { host: s.host }),
    association: s.id,
    openedBy: s.incoming ? "peer" : "us",
    upMs: s.upAt === undefined ? null : at(s.upAt),
    endedMs: s.endedAt === undefined ? null : at(s.endedAt),
    end: s.end ?? null,
    messages: s.messages,
    paths: [...s.paths.values()].map((p) => ({
      path: p.id,
      local: p.local,
      remote: p.remote,
      state: p.state,
      usedMs: p.usedFor / 1000,
      bytesSent: p.bytesOut,
      bytesReceived: p.bytesIn,
      packetsSent: p.packetsOut,
      packetsReceived: p.packetsIn,
      srttMs: p.srtt / 1000,
      cwnd: p.cwnd,
    })),
    timeline: s.entries.map((e) => ({ atMs: at(e.at), what: e.what })),
    switches: s.switches.map((w) => ({
      atMs: at(w.at),
      from: w.from,
      to: w.to,
      cause: w.cause,
      why: w.why,
      stallMs: w.stall / 1000,
      noAcknowledgementMs: w.ackGap / 1000,
      noDeliveryMs: w.deliveryGap === undefined ? null : w.deliveryGap / 1000,
      chunksSentAgain: w.again.chunks,
      bytesSentAgain: w.again.bytes,
    })),
    longestWaitForAcknowledgement: wait(s.acks.waits.longest),
    longestTimeBetweenMessages: wait(s.deliveries.longest),
    doubtsCleared: s.cleared,
    retransmissions: [...s.again.sums.values()].map(({ path, why, chunks, bytes }) => ({
      path,
      why,
      chunks,
      bytes,
    })),
    counted: Object.fromEntries(s.counted),
  };
}
