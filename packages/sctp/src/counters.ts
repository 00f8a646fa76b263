import { type Counters, makeCounters } from "@multihome/base";

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
  "t3Expirations",
  "probesSent",
  "pathsSuspected",
  "pathSwitches",
  "partialDeliveries",
  "reneged",
  "zeroWindowProbes",
  "policyFailures",
] as const;

export type SctpCounters = Counters<SctpCounterName>;

export const sctpCounters = (): SctpCounters => makeCounters(NAMES);
