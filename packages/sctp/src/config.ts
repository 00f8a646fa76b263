import {
  checkNumber,
  type Micros,
  micros,
  millis,
  type RandomSource,
  StackError,
  type TraceNoteSink,
} from "@multihome/base";
import {
  type FailoverOptions,
  type FailoverTiming,
  failoverTiming,
  handover,
  type PathPolicy,
  primaryFirst,
  type Timing,
} from "@multihome/paths";
import type { BufferBudget } from "./buffer-budget.js";

/** What an application may set for an endpoint's associations. Everything has a default. */
export interface SctpOptions {
  /** `fast` (default) follows the failover budget; `rfc` the values of RFC 9260 s16. */
  readonly timing?: Timing;
  readonly failover?: FailoverOptions;
  /** Single timers, on top of `timing`; milliseconds. */
  readonly rtoInitialMs?: number;
  readonly rtoMinMs?: number;
  readonly rtoMaxMs?: number;
  readonly hbIntervalMs?: number;
  /** 0 .. 500. RFC 9260 s6.2 */
  readonly sackDelayMs?: number;
  readonly pathMaxRetrans?: number;
  /** PFMR; a value of pathMaxRetrans or more switches the potentially-failed state off. RFC 7829 s3.2 */
  readonly potentiallyFailedMaxRetrans?: number;
  /** PSMR; `undefined` (default) keeps the switchback of RFC 9260. RFC 7829 s5 */
  readonly primarySwitchoverMaxRetrans?: number;
  readonly associationMaxRetrans?: number;
  /** See {@link FailoverTiming.giveUpAfter}; milliseconds. */
  readonly giveUpAfterMs?: number;
  /** Default 8. RFC 9260 s16 */
  readonly maxInitRetransmits?: number;
  /** Default 60,000. RFC 9260 s16 */
  readonly validCookieLifeMs?: number;
  /** Streams asked for, 1 .. 65,535. Default 64. */
  readonly outboundStreams?: number;
  /** Streams accepted, 1 .. 65,535. Default 2,048. */
  readonly maxInboundStreams?: number;
  /**
   * Receive buffer of one association at first, in bytes, 4,096 and more. It grows with what the application
   * takes in a round trip, up to `maxReceiveBufferBytes`. Default 1 MiB.
   */
  readonly receiveBufferBytes?: number;
  /** Default 32 MiB; with `receiveBufferBytes` given that value, so that the buffer keeps its size. */
  readonly maxReceiveBufferBytes?: number;
  /**
   * What an association accepts from the application before it says `wouldBlock`, at first. It grows to twice
   * the congestion window, up to `maxSendBufferBytes`. Default 1 MiB.
   */
  readonly sendBufferBytes?: number;
  /** Default 32 MiB; with `sendBufferBytes` given that value, so that the buffer keeps its size. */
  readonly maxSendBufferBytes?: number;
  /**
   * What the buffers of all associations of a host may grow by, together. It is read from the options of the
   * host. Default 256 MiB.
   */
  readonly sharedBufferBytes?: number;
  /** Largest message accepted from the application. Default 64 MiB. */
  readonly maxMessageBytes?: number;
  /** Largest IP packet sent until a path tells otherwise. 576 .. 65,535; default 1,500. */
  readonly mtu?: number;
  /** Packets sent in one go, Max.Burst. Default 4 with `timing: 'rfc'` (RFC 9260 s16), otherwise 16. */
  readonly maxBurst?: number;
  /**
   * `newreno` is RFC 9260's; `cubic` (RFC 9438) grows faster where bandwidth times delay is large, and takes more
   * than RFC 9260 s7.2 allows. Default `newreno`.
   */
  readonly congestion?: "newreno" | "cubic";
  /** Paths of one association at most. Default 16. */
  readonly maxPaths?: number;
  /** Addresses of a peer that are looked at in INIT and INIT ACK. Default 16. */
  readonly maxPeerAddresses?: number;
  /** Associations of one endpoint at most. Default 65,536. */
  readonly maxAssociations?: number;
  /**
   * Associations that one address may have opened at most. Default a quarter of `maxAssociations`. Clients
   * behind one NAT share an address. RFC 9260 s12.2.4.3
   */
  readonly maxAssociationsPerPeer?: number;
  /**
   * An INIT ACK is at most so many times as large as the INIT it answers, both as IP packets: who sent that
   * has proved nothing yet. Addresses and reports that do not fit are left out; an INIT that is too small for
   * any answer is refused. 1: never larger; peers must pad their INITs, as this stack does. Default 3.
   */
  readonly maxInitAckRatio?: number;
  /** Default `handover`; with `timing: 'rfc'` `primaryFirst`, as RFC 9260 s6.4 asks. */
  readonly policy?: PathPolicy;
  /** List our addresses in INIT and INIT ACK. Off for NAT traversal (RFC 6951 s5.7). Default true. */
  readonly advertiseAddresses?: boolean;
}

/** {@link SctpOptions} checked, with every default filled in and times in microseconds. */
export interface SctpConfig extends FailoverTiming {
  readonly timing: Timing;
  readonly primarySwitchoverMaxRetrans: number;
  readonly maxInitRetransmits: number;
  readonly validCookieLife: Micros;
  readonly outboundStreams: number;
  readonly maxInboundStreams: number;
  readonly receiveBufferBytes: number;
  readonly maxReceiveBufferBytes: number;
  readonly sendBufferBytes: number;
  readonly maxSendBufferBytes: number;
  readonly sharedBufferBytes: number;
  readonly maxMessageBytes: number;
  readonly mtu: number;
  readonly maxBurst: number;
  readonly congestion: "newreno" | "cubic";
  readonly maxPaths: number;
  readonly maxPeerAddresses: number;
  readonly maxAssociations: number;
  readonly maxAssociationsPerPeer: number;
  readonly maxInitAckRatio: number;
  readonly policy: PathPolicy;
  readonly advertiseAddresses: boolean;
  /** {@link CLOCK_GRANULARITY}: with the RTO's limits, what the estimators of all paths share. */
  readonly granularity: Micros;
  /** Set the I bit on the last chunk of what is queued, so that nothing waits for a delayed SACK. RFC 7053 */
  readonly immediateAcks: boolean;
}

/** What an endpoint gets from its host. */
export interface SctpEnvironment {
  readonly random: RandomSource;
  /** What the associations of all endpoints of a host share. Default: one for this endpoint. */
  readonly buffers?: BufferBudget;
  readonly trace?: TraceNoteSink;
}

function congestionOf(name: unknown): "newreno" | "cubic" {
  if (name === "newreno" || name === "cubic") return name;
  throw new StackError(
    "invalidOption",
    `congestion: got ${String(name)}, expected 'newreno' or 'cubic'`,
    { option: "congestion", got: name },
  );
}

const FIRST_BUFFER = 1 << 20;
/** 1 Gbit/s with a round trip of 100 ms is 12.5 MB, and slow start wants twice as much. */
const MAX_BUFFER = 32 << 20;

/**
 * Checks options and fills in the defaults.
 * @throws StackError `invalidOption`
 */
export function sctpConfig(o: SctpOptions = {}): SctpConfig {
  const timing = o.timing ?? "fast";
  const base = failoverTiming(timing, o.failover);
  const time = (name: string, ms: number | undefined, fallback: Micros, max = 3_600_000): Micros =>
    ms === undefined ? fallback : millis(checkNumber(name, ms, 0, max, false));
  const count = (
    name: string,
    n: number | undefined,
    fallback: number,
    min: number,
    max: number,
  ): number => (n === undefined ? fallback : checkNumber(name, n, min, max));

  const rtoMax = time("rtoMaxMs", o.rtoMaxMs, base.rtoMax);
  const pathMaxRetrans = count("pathMaxRetrans", o.pathMaxRetrans, base.pathMaxRetrans, 0, 1000);
  const maxAssociations = count("maxAssociations", o.maxAssociations, 65_536, 1, 1 << 24);
  const pfmr = count(
    "potentiallyFailedMaxRetrans",
    o.potentiallyFailedMaxRetrans,
    base.potentiallyFailedMaxRetrans,
    0,
    1000,
  );
  const most = o.maxReceiveBufferBytes ?? MAX_BUFFER;
  const receiveBufferBytes = count(
    "receiveBufferBytes",
    o.receiveBufferBytes,
    Math.min(FIRST_BUFFER, most),
    4096,
    1 << 30,
  );
  const sendBufferBytes = count(
    "sendBufferBytes",
    o.sendBufferBytes,
    Math.min(FIRST_BUFFER, o.maxSendBufferBytes ?? MAX_BUFFER),
    1,
    1 << 30,
  );
  return {
    ...base,
    timing,
    rtoMax,
    rtoMin: Math.min(time("rtoMinMs", o.rtoMinMs, base.rtoMin), rtoMax) as Micros,
    rtoInitial: Math.min(time("rtoInitialMs", o.rtoInitialMs, base.rtoInitial), rtoMax) as Micros,
    hbInterval: time("hbIntervalMs", o.hbIntervalMs, base.hbInterval),
    sackDelay: time("sackDelayMs", o.sackDelayMs, base.sackDelay, 500),
    giveUpAfter: time("giveUpAfterMs", o.giveUpAfterMs, base.giveUpAfter),
    pathMaxRetrans,
    potentiallyFailedMaxRetrans: pfmr,
    // RFC 7829 s5 rule 1: PSMR is never less than PFMR.
    primarySwitchoverMaxRetrans:
      o.primarySwitchoverMaxRetrans === undefined
        ? Number.POSITIVE_INFINITY
        : checkNumber(
            "primarySwitchoverMaxRetrans",
            o.primarySwitchoverMaxRetrans,
            Math.min(pfmr, pathMaxRetrans),
            1000,
          ),
    associationMaxRetrans: count(
      "associationMaxRetrans",
      o.associationMaxRetrans,
      base.associationMaxRetrans,
      1,
      10_000,
    ),
    maxInitRetransmits: count("maxInitRetransmits", o.maxInitRetransmits, 8, 0, 1000),
    validCookieLife: time("validCookieLifeMs", o.validCookieLifeMs, millis(60_000)),
    outboundStreams: count("outboundStreams", o.outboundStreams, 64, 1, 65_535),
    maxInboundStreams: count("maxInboundStreams", o.maxInboundStreams, 2048, 1, 65_535),
    receiveBufferBytes,
    maxReceiveBufferBytes: count(
      "maxReceiveBufferBytes",
      o.maxReceiveBufferBytes,
      o.receiveBufferBytes ?? MAX_BUFFER,
      receiveBufferBytes,
      1 << 30,
    ),
    sendBufferBytes,
    maxSendBufferBytes: count(
      "maxSendBufferBytes",
      o.maxSendBufferBytes,
      o.sendBufferBytes ?? MAX_BUFFER,
      sendBufferBytes,
      1 << 30,
    ),
    sharedBufferBytes: count("sharedBufferBytes", o.sharedBufferBytes, 256 << 20, 0, 2 ** 40),
    maxMessageBytes: count("maxMessageBytes", o.maxMessageBytes, 64 << 20, 1, 1 << 30),
    mtu: count("mtu", o.mtu, 1500, 576, 65_535),
    maxBurst: count("maxBurst", o.maxBurst, timing === "rfc" ? 4 : 16, 1, 1000),
    congestion: congestionOf(o.congestion ?? "newreno"),
    maxPaths: count("maxPaths", o.maxPaths, 16, 1, 64),
    maxPeerAddresses: count("maxPeerAddresses", o.maxPeerAddresses, 16, 1, 64),
    maxAssociations,
    maxAssociationsPerPeer: count(
      "maxAssociationsPerPeer",
      o.maxAssociationsPerPeer,
      Math.ceil(maxAssociations / 4),
      1,
      1 << 24,
    ),
    maxInitAckRatio:
      o.maxInitAckRatio === undefined
        ? 3
        : checkNumber("maxInitAckRatio", o.maxInitAckRatio, 1, 1000, false),
    policy: o.policy ?? (timing === "rfc" ? primaryFirst : handover),
    advertiseAddresses: o.advertiseAddresses ?? true,
    granularity: CLOCK_GRANULARITY,
    immediateAcks: timing !== "rfc",
  };
}

/** Clock granularity G of RFC 9260 s6.3.1: instants are whole microseconds, drivers wake within about 1 ms. */
export const CLOCK_GRANULARITY: Micros = micros(1000);
