import { StackError } from "@multihome/base";
import type { AssociationOptions, ConnectOptions, HostOptions, ListenOptions } from "./options.js";

// A misspelled option would be ignored in silence. The compiler keeps these lists complete.

const ASSOCIATION = {
  advertiseAddresses: true,
  congestion: true,
  associationMaxRetrans: true,
  failover: true,
  giveUpAfterMs: true,
  hbIntervalMs: true,
  maxAssociations: true,
  maxAssociationsPerPeer: true,
  maxBurst: true,
  maxInboundStreams: true,
  maxInitAckRatio: true,
  maxInitRetransmits: true,
  maxMessageBytes: true,
  maxPaths: true,
  maxReceiveBufferBytes: true,
  maxSendBufferBytes: true,
  maxPeerAddresses: true,
  mtu: true,
  pathMaxRetrans: true,
  policy: true,
  potentiallyFailedMaxRetrans: true,
  primarySwitchoverMaxRetrans: true,
  receiveBufferBytes: true,
  rtoInitialMs: true,
  rtoMaxMs: true,
  rtoMinMs: true,
  sackDelayMs: true,
  sendBufferBytes: true,
  sharedBufferBytes: true,
  streams: true,
  timing: true,
  validCookieLifeMs: true,
} as const satisfies Record<keyof AssociationOptions, true>;

const HOST = {
  ...ASSOCIATION,
  addresses: true,
  driver: true,
  impair: true,
  interfacePollMs: true,
  interfaces: true,
  lingerMs: true,
  nativeCrc32c: true,
  sendQueueBytes: true,
  socketBufferBytes: true,
  systemInterfaces: true,
  trace: true,
  traceDetail: true,
} as const satisfies Record<keyof HostOptions, true>;

const LISTEN = {
  ...ASSOCIATION,
  addresses: true,
  port: true,
  udpPort: true,
} as const satisfies Record<keyof ListenOptions, true>;

const CONNECT = {
  ...ASSOCIATION,
  addresses: true,
  localPort: true,
  localUdpPort: true,
  signal: true,
  timeoutMs: true,
  udpPort: true,
} as const satisfies Record<keyof ConnectOptions, true>;

/** @throws StackError `invalidOption` if `options` has one that {@link HostOptions} has not */
export const checkHostOptions = (options: HostOptions): void => check(options, HOST);

/** @throws StackError `invalidOption` if `options` has one that {@link ListenOptions} has not */
export const checkListenOptions = (options: ListenOptions): void => check(options, LISTEN);

/** @throws StackError `invalidOption` if `options` has one that {@link ConnectOptions} has not */
export const checkConnectOptions = (options: ConnectOptions): void => check(options, CONNECT);

function check(options: object, known: Readonly<Record<string, true>>): void {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  if (unknown === undefined) return;
  const names = Object.keys(known).sort().join(", ");
  throw new StackError("invalidOption", `there is no option "${unknown}"; there are ${names}`, {
    option: unknown,
  });
}
