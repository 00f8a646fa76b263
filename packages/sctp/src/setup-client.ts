import {
  elapsed,
  type Instant,
  type IpAddress,
  instantAdd,
  type Micros,
  sameIp,
  tsn,
} from "@multihome/base";
import { ChunkType, ErrorCause, ParameterType } from "@multihome/wire";
import {
  AssociationTimer,
  type ControlChunk,
  type SctpAssociation,
  type SetupAttempt,
} from "./association.js";
import { closeAssociation, distinctRemotes } from "./closing.js";
import {
  abortChunk,
  cause,
  chunkAround,
  concat,
  errorChunk,
  missingParametersCause,
} from "./control-chunks.js";
import { establish } from "./establish.js";
import { addressesFor, initChunk } from "./init-chunks.js";
import { type InitContents, initFault, MIN_INITIAL_ARWND } from "./init-parameters.js";
import { addPath } from "./path-selection.js";
import { MAX_WAITING } from "./replies.js";
import type { SctpPath } from "./sctp-path.js";

// The opening side of the four-way handshake, RFC 9260 s5.1, s5.2.3, s5.2.5, s5.2.6.

/** Sends the first INIT. The association is in cookieWait with at least one candidate. */
export function beginSetup(a: SctpAssociation, now: Instant): void {
  if (a.state.kind !== "cookieWait") return;
  sendInit(a, now, a.state.setup);
}

function sendInit(a: SctpAssociation, now: Instant, setup: SetupAttempt): void {
  const path = setup.candidates[setup.next % setup.candidates.length];
  if (path === undefined) return;
  const c = a.config;
  a.controls.clear();
  a.controls.push({
    bytes: initChunk(
      {
        initiateTag: a.myVtag,
        aRwnd: c.receiveBufferBytes,
        outboundStreams: c.outboundStreams,
        inboundStreams: c.maxInboundStreams,
        initialTsn: a.myInitialTsn,
      },
      c.advertiseAddresses ? addressesFor(setup.locals, path.remote) : [],
      setup.cookiePreservative,
    ),
    path,
    alone: true,
    vtag: 0,
  });
  setup.next++;
  a.timers.arm(AssociationTimer.t1Init, instantAdd(now, untilNext(a, setup, path)));
}

/**
 * Within a round the next pair of addresses is tried after a short delay (the idea of RFC 8305 s5), so
 * that a dead first address costs no timeout; with strict timing, and after a round, after the RTO of the
 * path that was tried last (RFC 9260 s5.1, s6.3.3 rule E4).
 */
function untilNext(a: SctpAssociation, setup: SetupAttempt, path: SctpPath): Micros {
  const roundOver = setup.next % setup.candidates.length === 0;
  return a.config.probing && !roundOver ? a.config.connectionAttemptDelay : path.rtt.rto;
}

/** T1-init ran out. */
export function handleT1Init(a: SctpAssociation, now: Instant): void {
  if (a.state.kind !== "cookieWait") return;
  const setup = a.state.setup;
  if (!mayRetry(a, now, setup)) return;
  sendInit(a, now, setup);
}

function mayRetry(a: SctpAssociation, now: Instant, setup: SetupAttempt): boolean {
  // With strict timing each retransmission counts, otherwise each round over all addresses.
  if (!a.config.probing) {
    setup.retransmissions++;
    backOffLast(setup);
  } else if (setup.next % setup.candidates.length === 0) {
    setup.retransmissions++;
    for (const p of setup.candidates) p.rtt.backoff();
  }
  if (setup.retransmissions <= a.config.maxInitRetransmits) return true;
  closeAssociation(a, now, {
    kind: "unreachable",
    tried: distinctRemotes(setup.candidates),
  });
  return false;
}

/** RFC 9260 s6.3.3 rule E2, for the path that was tried last: each address has its own RTO (s5.1). */
function backOffLast(setup: SetupAttempt): void {
  const n = setup.candidates.length;
  setup.candidates[(setup.next + n - 1) % n]?.rtt.backoff();
}

/** Takes an INIT ACK whose tag and fixed part were checked. */
export function handleInitAck(
  a: SctpAssociation,
  now: Instant,
  init: InitContents,
  local: IpAddress,
  remote: IpAddress,
): void {
  if (a.state.kind !== "cookieWait") {
    a.counters.unexpectedChunk++; // RFC 9260 s5.2.3
    return;
  }
  const setup = a.state.setup;
  const fault = initFault(init);
  const path = setup.candidates.find((p) => sameIp(p.remote, remote) && sameIp(p.local, local));
  if (fault !== undefined || init.hostName !== undefined || init.cookie === undefined) {
    refuseInitAck(a, now, init, fault, path ?? setup.candidates[0]);
    return;
  }
  const chosen =
    path ?? setup.candidates.find((p) => sameIp(p.remote, remote)) ?? setup.candidates[0];
  if (chosen === undefined) return;
  takePeerNumbers(a, init);
  // RFC 9260 s5.1.2 wants only what is listed here, and the source, to be used. Candidates that the
  // application gave and the peer does not list stay, to be verified by a nonce like any other: the peer
  // may be behind a NAT and list nothing (RFC 6951 s5.7).
  a.peerAddresses = [...init.addresses];
  if (!a.peerAddresses.some((p) => sameIp(p, remote))) {
    a.peerAddresses = a.peerAddresses.concat(remote);
  }
  a.primary = chosen;
  a.state = { kind: "cookieEchoed", setup, cookie: init.cookie, since: now };
  setup.next = Math.max(0, setup.candidates.indexOf(chosen));
  setup.retransmissions = 0;
  a.timers.stop(AssociationTimer.t1Init);
  a.owner.reindex(a);
  sendCookieEcho(a, now, init.unrecognized);
}

/** Takes over what the peer said of itself. RFC 9260 s5.1.1 */
export function takePeerNumbers(
  a: SctpAssociation,
  n: {
    readonly initiateTag: number;
    readonly aRwnd: number;
    readonly outboundStreams: number;
    readonly inboundStreams: number;
    readonly initialTsn: number;
  },
): void {
  a.peerVtag = n.initiateTag;
  a.peerRwnd = n.aRwnd;
  a.peerARwnd = n.aRwnd;
  a.peerLargestRwnd = n.aRwnd;
  a.outboundStreams = Math.min(a.config.outboundStreams, n.inboundStreams);
  a.inboundStreams = Math.min(a.config.maxInboundStreams, n.outboundStreams);
  a.setPeerInitialTsn(tsn(n.initialTsn));
}

/** An INIT ACK that no association can be made of. RFC 9260 s5.1, s5.1.2 rule B, s3.3.3 */
function refuseInitAck(
  a: SctpAssociation,
  now: Instant,
  init: InitContents,
  fault: string | undefined,
  path: SctpPath | undefined,
): void {
  a.counters.initInvalid++;
  const reason =
    init.hostName !== undefined
      ? cause(ErrorCause.unresolvableAddress, init.hostName)
      : fault !== undefined
        ? cause(ErrorCause.invalidMandatoryParameter)
        : missingParametersCause([ParameterType.stateCookie]);
  // RFC 9260 s3.3.3: without a tag of the peer the tag of its packet, ours, goes back with the T bit.
  const noTag = init.initiateTag === 0;
  const abort: ControlChunk = {
    bytes: noTag ? abortChunk(true) : abortChunk(false, reason),
    path,
    alone: true,
    vtag: noTag ? a.myVtag : init.initiateTag,
  };
  if (!noTag && init.aRwnd < MIN_INITIAL_ARWND) {
    // RFC 9260 s3.3.3: the only fault that leaves the association as it is.
    if (a.controls.length < MAX_WAITING) a.controls.push(abort);
    else a.counters.repliesDropped++;
    return;
  }
  const detail = init.hostName !== undefined ? "a host name address" : (fault ?? "no State Cookie");
  const end = { kind: "setupFailed", detail: `the INIT ACK of the peer has ${detail}` } as const;
  closeAssociation(a, now, end, abort);
}

function sendCookieEcho(
  a: SctpAssociation,
  now: Instant,
  unrecognized: readonly Uint8Array[],
): void {
  if (a.state.kind !== "cookieEchoed") return;
  const { setup, cookie } = a.state;
  const path = setup.candidates[setup.next % setup.candidates.length];
  a.controls.clear();
  const echo = chunkAround(ChunkType.cookieEcho, 0, cookie);
  a.controls.push({ bytes: echo, path, alone: false, vtag: undefined });
  if (unrecognized.length > 0 && path !== undefined) {
    // RFC 9260 s3.2.2: bundled behind the COOKIE ECHO, or not at all: before the COOKIE ACK no other
    // packet may leave (s5.1 step C), and after it the report is of no use any more.
    const last = unrecognized.length - 1;
    const info = concat(unrecognized.map((p, i) => (i < last ? padded(p) : p)));
    const error = errorChunk(cause(ErrorCause.unrecognizedParameters, info));
    if (echo.length + error.length <= path.pmdcs) {
      a.controls.push({ bytes: error, path, alone: false, vtag: undefined });
    }
  }
  setup.next++;
  a.timers.arm(
    AssociationTimer.t1Cookie,
    instantAdd(now, path === undefined ? a.config.rtoInitial : path.rtt.rto),
  );
}

const padded = (p: Uint8Array): Uint8Array => {
  const out = new Uint8Array((p.length + 3) & ~3);
  out.set(p);
  return out;
};

/** T1-cookie ran out: again, over the next address. RFC 9260 s5.1.4 */
export function handleT1Cookie(a: SctpAssociation, now: Instant): void {
  if (a.state.kind !== "cookieEchoed") return;
  const setup = a.state.setup;
  setup.retransmissions++;
  backOffLast(setup);
  if (setup.retransmissions > a.config.maxInitRetransmits) {
    closeAssociation(a, now, {
      kind: "unreachable",
      tried: distinctRemotes(setup.candidates),
    });
    return;
  }
  sendCookieEcho(a, now, []);
}

/** Takes a COOKIE ACK. RFC 9260 s5.1 step E, s5.2.5 */
export function handleCookieAck(
  a: SctpAssociation,
  now: Instant,
  path: SctpPath | undefined,
): void {
  if (a.state.kind !== "cookieEchoed") {
    a.counters.unexpectedChunk++;
    return;
  }
  const { setup, since } = a.state;
  const via = path ?? a.primary ?? setup.candidates[0];
  if (via === undefined) return;
  // RFC 9260 s6.3.1 rule C5; the COOKIE ECHO went over the primary path.
  if (setup.retransmissions === 0 && via === a.primary) {
    via.rtt.sample(now, Math.max(1, elapsed(since, now)) as Micros);
  }
  establish(a, now, via);
}

/** Our cookie was too old: begin again, and ask for a longer life. RFC 9260 s5.2.6 alternative 3 */
export function handleStaleCookie(a: SctpAssociation, now: Instant): void {
  if (a.state.kind !== "cookieEchoed") {
    a.counters.unexpectedChunk++;
    return;
  }
  const { setup, since } = a.state;
  setup.staleCookies++;
  if (setup.staleCookies > a.config.maxInitRetransmits) {
    closeAssociation(a, now, { kind: "setupFailed", detail: "the peer finds every cookie stale" });
    return;
  }
  // RFC 9260 s5.2.6: the RTT measured, and no more than 1 second beyond it.
  setup.cookiePreservative = Math.ceil(elapsed(since, now) / 1000) + 1000;
  setup.next = Math.max(0, setup.next - 1);
  a.state = { kind: "cookieWait", setup };
  a.peerVtag = 0;
  a.timers.stop(AssociationTimer.t1Cookie);
  sendInit(a, now, setup);
}

/** Makes the candidate paths of the addresses that the application gave. RFC 9260 s5.4 rule 1 */
export function candidatePaths(
  a: SctpAssociation,
  now: Instant,
  pairs: readonly { readonly local: IpAddress; readonly remote: IpAddress }[],
  remotePort: number,
): SctpPath[] {
  const made: SctpPath[] = [];
  for (const { local, remote } of pairs) {
    const path = addPath(a, now, local, remote, remotePort);
    if (path !== undefined) made.push(path);
  }
  return made;
}
