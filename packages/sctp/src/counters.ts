import { type Counters, makeCounters } from "@multihome/base";
import type { PathEvent } from "@multihome/paths";

/** Every drop and decision of an endpoint, by name; docs/counters.md explains each. */
export type SctpCounterName = (typeof NAMES)[number];

const NAMES = [
  "packetsReceived",
  "packetsSent",
  "bytesReceived",
  "bytesSent",
  // drops
  "badHeader",
  "badChecksum",
  "badPort",
  "badVtag",
  "badChunk",
  "outOfTheBlue",
  "repliesDropped",
  "initBundled",
  "initInvalid",
  "initRefused",
  "cookieForged",
  "cookieStale",
  "cookieMismatch",
  "unexpectedChunk",
  "unknownChunk",
  "unknownParameter",
  "abortIgnored",
  "sackOutOfOrder",
  "sackInvalid",
  "heartbeatAckForged",
  "unverifiedSource",
  "dataDuplicate",
  "dataNoWindow",
  "dataTooFar",
  "dataInvalidStream",
  "dataAfterShutdown",
  "causesIgnored",
  "pathsRefused",
  "messagesAbandoned",
  "icmpIgnored",
  "icmpAccepted",
  // decisions
  "associationsOpened",
  "associationsClosed",
  "chunksSent",
  "chunksRetransmitted",
  "chunksAcknowledged",
  "fastRetransmits",
  "spuriousRetransmissions",
  "t1Expirations",
  "t2Expirations",
  "t3Expirations",
  "heartbeatsSent",
  "heartbeatsUnanswered",
  "probesSent",
  "pathsSuspected",
  "suspicionsCleared",
  "pathsConfirmed",
  "pathsPotentiallyFailed",
  "pathsInactive",
  "pathsRecovered",
  "pathSwitches",
  "partialDeliveries",
  "reneged",
  "zeroWindowProbes",
  "policyFailures",
] as const;

export type SctpCounters = Counters<SctpCounterName>;

const ZERO: SctpCounters = makeCounters(NAMES);

/** Copies of one object share its layout, which takes more room than the numbers. */
export const sctpCounters = (): SctpCounters => ({ ...ZERO });

/** Counts what happened to a path; switches are counted where they are decided. */
export function countPathEvent(counters: SctpCounters, kind: PathEvent["kind"]): void {
  if (kind === "confirmed") counters.pathsConfirmed++;
  else if (kind === "potentiallyFailed") counters.pathsPotentiallyFailed++;
  else if (kind === "inactive") counters.pathsInactive++;
  else if (kind === "recovered") counters.pathsRecovered++;
}
