import type { IpAddress, PacketRef, TraceNote, TraceValue } from "@multihome/base";
import { toBase64 } from "@multihome/base";
import type { HostInterface, PathEvent } from "@multihome/paths";
import type {
  EndCause,
  IcmpNotice,
  ReceivedMessage,
  SctpOptions,
  SctpSendOptions,
  SendResult,
} from "@multihome/sctp";
import { crc32c } from "@multihome/wire";
import type { AssociationEvent } from "./association-event.js";
import type { ConnectOptions, ListenOptions } from "./host-core.js";
import { traceChunks } from "./trace-chunks.js";

// What the lines of a trace say; docs/trace.md explains every field, trace-schema.ts pins it.

/** Version of the format; another number means that lines have another meaning. */
export const TRACE_VERSION = 1;

/**
 * How much a trace holds. `full`: everything that went in, so that it replays: user data, and the random
 * numbers that tags and cookie keys were made of. `story`: what happened and why, without a byte of either.
 */
export type TraceDetail = "full" | "story";

/** The fields of a line, without time and kind. */
export type TraceFields = Readonly<Record<string, TraceValue>>;

/** A packet that comes or goes. */
export const packetFields = (p: PacketRef, detail: TraceDetail): TraceFields => ({
  local: p.local.toString(),
  remote: p.remote.toString(),
  ...(p.localPort === 0 && p.remotePort === 0
    ? {}
    : { localPort: p.localPort, remotePort: p.remotePort }),
  ...(p.ecn === 0 ? {} : { ecn: p.ecn }),
  bytes: p.end - p.start,
  chunks: traceChunks(p.view, p.start, p.end),
  ...(detail === "full" ? { data: toBase64(p.bytes, p.start, p.end) } : {}),
});

export const icmpFields = (n: IcmpNotice, detail: TraceDetail): TraceFields => ({
  notice: n.kind,
  mtu: n.mtu,
  local: n.local.toString(),
  remote: n.remote.toString(),
  remotePort: n.remotePort,
  bytes: n.quoted.length,
  ...(detail === "full" ? { data: toBase64(n.quoted) } : {}),
});

export const interfacesValue = (interfaces: readonly HostInterface[]): TraceValue =>
  interfaces.map((i) => ({ ...i, addresses: i.addresses.map(String) }));

/** Options as they were given; a policy by its name. */
export function optionsValue(o: SctpOptions): TraceValue {
  const { policy, failover, ...rest } = o;
  // What came along with them and is no option of the core, such as a driver's, is left out.
  const plain = Object.entries(rest).filter(([, value]) => typeof value !== "object");
  return {
    ...Object.fromEntries(plain.filter(([, value]) => typeof value !== "function")),
    ...(failover === undefined ? {} : { failover: { ...failover } }),
    ...(policy === undefined ? {} : { policy: policy.name }),
  };
}

const addressesField = (addresses: readonly IpAddress[] | undefined): TraceFields =>
  addresses === undefined ? {} : { addresses: addresses.map(String) };

const sctpField = (sctp: SctpOptions | undefined): TraceFields =>
  sctp === undefined ? {} : { sctp: optionsValue(sctp) };

export const listenFields = (o: ListenOptions): TraceFields => ({
  port: o.port,
  udpPort: o.udpPort,
  ...addressesField(o.addresses),
  ...sctpField(o.sctp),
});

export const connectFields = (o: ConnectOptions): TraceFields => ({
  remotes: o.remotes.map(String),
  port: o.port,
  peerUdpPort: o.peerUdpPort,
  udpPort: o.udpPort,
  ...(o.localPort === undefined ? {} : { localPort: o.localPort }),
  ...addressesField(o.addresses),
  ...sctpField(o.sctp),
});

export const sendFields = (
  data: Uint8Array,
  o: SctpSendOptions | undefined,
  result: SendResult,
  detail: TraceDetail,
): TraceFields => ({
  ...(o?.stream === undefined ? {} : { stream: o.stream }),
  ...(o?.ppid === undefined ? {} : { ppid: o.ppid }),
  ...(o?.unordered === undefined ? {} : { unordered: o.unordered }),
  ...(o?.lifetimeMs === undefined ? {} : { lifetimeMs: o.lifetimeMs }),
  ...(result.ok ? { messageId: result.messageId } : { refused: result.code }),
  bytes: data.length,
  // What was refused is not looked at but for its length.
  ...(detail === "full" && result.ok ? { data: toBase64(data) } : {}),
});

/** `bytes` is null when there was nothing to receive. */
export const receiveFields = (m: ReceivedMessage | undefined, detail: TraceDetail): TraceFields =>
  m === undefined
    ? { bytes: null }
    : {
        bytes: m.data.length,
        stream: m.stream,
        ssn: m.ssn,
        ppid: m.ppid,
        unordered: m.unordered,
        begin: m.begin,
        end: m.end,
        ...(detail === "full" ? { crc32c: crc32c(m.data, 0, m.data.length) } : {}),
      };

/** An event as a line; its time is that of the event. */
export function eventNote(e: AssociationEvent): TraceNote {
  const head = { kind: "event", association: e.id };
  switch (e.kind) {
    case "up":
      return {
        ...head,
        event: "up",
        incoming: e.incoming,
        outboundStreams: e.outboundStreams,
        inboundStreams: e.inboundStreams,
      };
    case "restarted":
    case "readable":
    case "writable":
    case "peerShutdown":
      return { ...head, event: e.kind };
    case "message":
      return {
        ...head,
        event: "message",
        messageId: e.messageId,
        outcome: e.outcome.kind,
        ...(e.outcome.kind === "failed" ? { sent: e.outcome.sent } : {}),
      };
    case "path":
      return { ...head, ...pathEventFields(e.event) };
    case "peerError":
      return { ...head, event: "peerError", causeCode: e.causeCode };
    case "policyFailed":
      return { ...head, event: "policyFailed", detail: e.detail };
    case "ended":
      return { ...head, event: "ended", ...endFields(e.cause) };
  }
}

function pathEventFields(e: PathEvent): TraceFields {
  if (e.kind === "switched") {
    const { from, to, cause, stall } = e;
    return { event: "switched", from: from.id, path: to.id, cause, stall };
  }
  const path = e.path.id;
  const ends = { local: e.path.local.toString(), remote: e.path.remote.toString() };
  switch (e.kind) {
    case "added":
      return { event: "pathAdded", path, ...ends };
    case "confirmed":
      return { event: "pathConfirmed", path, ...ends, rtt: e.rtt };
    case "recovered":
      return { event: "pathRecovered", path };
    case "potentiallyFailed":
      return { event: "pathPotentiallyFailed", path, cause: e.cause };
    case "inactive":
      return { event: "pathInactive", path, cause: e.cause };
    case "removed":
      return { event: "pathRemoved", path, cause: e.cause };
  }
}

function endFields(c: EndCause): TraceFields {
  switch (c.kind) {
    case "shutdown":
    case "aborted":
      return { cause: c.kind };
    case "abortedByPeer":
      return { cause: c.kind, causeCodes: [...c.causeCodes] };
    case "protocolViolation":
    case "setupFailed":
      return { cause: c.kind, detail: c.detail };
    case "unreachable":
      return { cause: c.kind, tried: c.tried.map(String) };
  }
}
