import { type Instant, type IpAddress, PacketRef, SeededRandom } from "@multihome/base";
import type { Timing } from "@multihome/paths";
import {
  type AssociationId,
  type EndCause,
  type SctpConfig,
  SctpEndpoint,
  sctpConfig,
} from "@multihome/sctp";
import type { FuzzCase } from "./fuzz-case.js";

/** Bounds of the endpoint under attack. */
export const MAX_ASSOCIATIONS = 24;
const RECEIVE_BUFFER = 8192;
export const MAX_RECEIVE_BUFFER: number = 4 * RECEIVE_BUFFER;
export const MTU = 1500;
export const UDP_PORT = 9899;

const config = (timing: Timing): SctpConfig =>
  sctpConfig({
    timing,
    mtu: MTU,
    receiveBufferBytes: RECEIVE_BUFFER,
    maxReceiveBufferBytes: MAX_RECEIVE_BUFFER,
    sendBufferBytes: 65_536,
    maxSendBufferBytes: 262_144,
    outboundStreams: 4,
    maxInboundStreams: 6,
    maxPaths: 6,
    maxPeerAddresses: 6,
    maxAssociations: MAX_ASSOCIATIONS,
    maxAssociationsPerPeer: 8,
  });
const CONFIG: Readonly<Record<Timing, SctpConfig>> = { fast: config("fast"), rfc: config("rfc") };

interface Flow {
  sent: number;
  received: number;
  /** Bytes of the message that arrives in parts. */
  part: Uint8Array;
}

/** An endpoint with an application that reads what comes, and checks it where it may be checked. */
export class Station {
  readonly name: string;
  readonly endpoint: SctpEndpoint;
  readonly addresses: readonly IpAddress[];
  readonly out: PacketRef;
  /** Does not read, so that the window of its peers closes. */
  stalled: boolean;
  readonly unread: Set<AssociationId>;
  readonly open: Set<AssociationId>;
  readonly flows: Map<AssociationId, Flow>;
  readonly ended: Map<AssociationId, EndCause["kind"]>;
  readonly restarted: Set<AssociationId>;

  constructor(
    name: string,
    seed: number,
    port: number,
    addresses: readonly IpAddress[],
    c: FuzzCase,
    ids: () => AssociationId,
  ) {
    this.name = name;
    this.addresses = addresses;
    this.endpoint = new SctpEndpoint(
      0 as Instant,
      CONFIG[c.timing],
      { random: new SeededRandom(seed) },
      port,
      c.udp ? UDP_PORT : 0,
      addresses.map((address, i) => ({
        address,
        interfaceName: `if${i}`,
        metered: false,
        cost: 0,
        allowed: true,
      })),
      ids,
    );
    const bytes = new Uint8Array(MTU + 64);
    this.out = new PacketRef(bytes, new DataView(bytes.buffer));
    this.stalled = false;
    this.unread = new Set();
    this.open = new Set();
    this.flows = new Map();
    this.ended = new Map();
    this.restarted = new Set();
  }

  flow(id: AssociationId): Flow {
    let flow = this.flows.get(id);
    if (flow === undefined) {
      flow = { sent: 0, received: 0, part: new Uint8Array(0) };
      this.flows.set(id, flow);
    }
    return flow;
  }
}
