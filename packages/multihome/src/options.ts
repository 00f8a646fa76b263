import type { SctpOptions } from "@multihome/association";
import { StackError } from "@multihome/base";
import type { HostDriver, NodeDriverOptions } from "@multihome/driver-node";
import { type PathPolicy, policies } from "@multihome/paths";

/** How an association behaves. Everything has a default; times in milliseconds, sizes in bytes. */
export interface AssociationOptions extends Omit<SctpOptions, "policy" | "outboundStreams"> {
  /** Which path data takes: a name, or a policy of your own. Default `handover`. */
  readonly policy?: "handover" | PathPolicy;
  /** Streams to send on, 1 .. 65,535. The peer may allow fewer. Default 64. */
  readonly streams?: number;
}

/** How to open a host. */
export interface HostOptions
  extends AssociationOptions,
    Omit<NodeDriverOptions, "sctp" | "addresses"> {
  /** Use these of our addresses only. Default: all of this machine's but link-local ones. */
  readonly addresses?: readonly string[];
  /**
   * How long after a close of ours the peer may still ask whether it was understood, 0 .. 60,000.
   * The process, and {@link Host.close}, wait for it. Default 400.
   */
  readonly lingerMs?: number;
  /** Drives the host instead of Node: a simulated one. Interfaces, addresses, sockets and traces are then its own. */
  readonly driver?: HostDriver;
}

/** How to listen. */
export interface ListenOptions extends AssociationOptions {
  /** SCTP port, 1 .. 65,535; 0 chooses a free one. */
  readonly port: number;
  /** UDP port that carries it (RFC 6951). Default: the same number as `port`. */
  readonly udpPort?: number;
  /** Listen on these of our addresses only. Default: all of the host's. */
  readonly addresses?: readonly string[];
}

/** How to connect. */
export interface ConnectOptions extends AssociationOptions {
  /** The peer's UDP port, when it is not the port in its address; 9899 is the registered one (RFC 6951). */
  readonly udpPort?: number;
  /**
   * Our SCTP port, 1 .. 65,535. Default: a free one. With the same ports as before, a program that was
   * restarted is recognized as such by a peer that still has the association (RFC 9260 s5.2).
   */
  readonly localPort?: number;
  /** Our UDP port, 1 .. 65,535. Default: one that all outgoing associations of the host share. */
  readonly localUdpPort?: number;
  /** Use these of our addresses only. Default: all of the host's. */
  readonly addresses?: readonly string[];
  /** Gives up the attempt when aborted. */
  readonly signal?: AbortSignal;
  /** Gives up the attempt after this long, 1 .. 3,600,000. Default 15,000; with `timing: 'rfc'` as the RFC does. */
  readonly timeoutMs?: number;
}

/**
 * The part of options that the core takes.
 * @throws StackError `invalidOption`
 */
export function sctpOptions(o: AssociationOptions): SctpOptions {
  const { policy, streams, ...rest } = o;
  if (typeof policy === "string" && !Object.hasOwn(policies, policy)) {
    throw new StackError(
      "invalidOption",
      `policy: got ${JSON.stringify(policy)}, expected ${Object.keys(policies).join(", ")} or a policy object`,
      { option: "policy", got: policy },
    );
  }
  const chosen = typeof policy === "string" ? policies[policy] : policy;
  return {
    ...rest,
    ...(chosen === undefined ? {} : { policy: chosen }),
    ...(streams === undefined ? {} : { outboundStreams: streams }),
  };
}
