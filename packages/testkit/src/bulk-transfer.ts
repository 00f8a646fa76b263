import { type AssociationId, HostCore, type SctpOptions } from "@multihome/association";
import { checkNumber, EPOCH, type Instant, IpAddress, instantAdd, millis } from "@multihome/base";
import {
  type DuplexLink,
  type Link,
  type LinkOptions,
  type SimHost,
  Simulation,
} from "@multihome/netsim";
import { interfacesOf, SimHostNode } from "./sim-host-node.js";

/** One association that sends as much as it can. */
export interface BulkFlow {
  /** When it begins to connect. @defaultValue 0 */
  readonly startMs?: number;
  /** Added to the one-way delay of the bottleneck, in each direction. @defaultValue 0 */
  readonly extraDelayMs?: number;
  /** Messages are sent on so many streams in turn. @defaultValue 1 */
  readonly streams?: number;
  /** @defaultValue 16,384 */
  readonly messageBytes?: number;
  /** Ends after so many bytes. @defaultValue never */
  readonly totalBytes?: number;
  /** What the receiving application reads at most, in bits per second. @defaultValue all at once */
  readonly readBps?: number;
  /** Options of the sender's and the receiver's host. */
  readonly sctp?: SctpOptions;
  /** More options of the receiver's host alone. */
  readonly receiverSctp?: SctpOptions;
}

/** One link, and who sends over it. */
export interface BulkOptions {
  /** @defaultValue 0 */
  readonly seed?: number;
  /** The link's rate, both ways, IP and SCTP headers included. */
  readonly rateBps: number;
  /** One-way delay of the link. */
  readonly delayMs: number;
  /** Bytes that may wait for the link, each way. @defaultValue one bandwidth-delay product of a round trip */
  readonly queueBytes?: number;
  /** Share of the packets lost at random, towards the receivers. @defaultValue 0 */
  readonly loss?: number;
  /** More parameters of the link towards the receivers. */
  readonly link?: LinkOptions;
  /** @defaultValue one flow with all defaults */
  readonly flows?: readonly BulkFlow[];
  /** Length of the intervals in which what arrives is counted. @defaultValue the round trip */
  readonly intervalMs?: number;
}

/** How often the queues of the application's reader are looked at when it reads at a rate. */
const READ_EVERY_MS = 1;
const PORT = 5000;

/** What one flow has done so far. */
export class BulkProgress {
  /** When the receiver's association came up; `undefined` before. */
  upAt: Instant | undefined;
  /** User bytes that the receiving application got in each interval since the start of the simulation. */
  readonly perInterval: number[];
  /** User bytes that the receiving application got. */
  bytes: number;
  /** When the last byte of `totalBytes` was read. */
  doneAt: Instant | undefined;
  readonly sender: SimHostNode;
  readonly receiver: SimHostNode;
  senderId: AssociationId | undefined;
  receiverId: AssociationId | undefined;

  constructor(sender: SimHostNode, receiver: SimHostNode) {
    this.upAt = undefined;
    this.perInterval = [];
    this.bytes = 0;
    this.doneAt = undefined;
    this.sender = sender;
    this.receiver = receiver;
    this.senderId = undefined;
    this.receiverId = undefined;
  }
}

/**
 * Associations that send as fast as they may over one bottleneck, in virtual time. With one flow both hosts
 * are at the ends of the link; with several each flow has two hosts of its own, behind routers.
 *
 * @example
 * const bulk = new BulkTransfer({ rateBps: 1e9, delayMs: 50 });
 * bulk.runFor(2000);
 * bulk.rateBps(0, 1000, 2000) / 1e9; // share of the link's rate in the second second
 */
export class BulkTransfer {
  readonly sim: Simulation;
  /** The bottleneck, towards the receivers. */
  readonly link: Link;
  readonly flows: readonly BulkProgress[];
  readonly intervalMs: number;
  readonly #options: BulkOptions;
  readonly #interval: number;

  /** @throws StackError `invalidOption` */
  constructor(options: BulkOptions) {
    this.#options = options;
    const { rateBps, delayMs } = options;
    const specs = options.flows ?? [{}];
    this.sim = new Simulation({ seed: options.seed ?? 0, digestPayload: "none", poison: false });
    this.intervalMs = checkNumber(
      "intervalMs",
      options.intervalMs ?? 2 * delayMs,
      0.001,
      1e9,
      false,
    );
    this.#interval = millis(this.intervalMs);
    const bottleneck: LinkOptions = {
      rateBps,
      delayMs,
      queueBytes: options.queueBytes ?? Math.round((rateBps / 8000) * 2 * delayMs),
    };
    const params = {
      aToZ: { ...bottleneck, loss: options.loss ?? 0, ...options.link },
      zToA: bottleneck,
    };
    const hosts = specs.map((_, i) => [this.#host(`a${i}`), this.#host(`z${i}`)] as const);
    this.link = this.#wire(hosts, specs, params).aToZ;
    this.flows = specs.map((spec, i) => {
      const [a, z] = hosts[i] as readonly [SimHost, SimHost];
      return this.#start(i, spec, a, z);
    });
  }

  /** Lets virtual time pass. */
  runFor(ms: number): void {
    this.sim.runFor(millis(ms));
  }

  /** Runs until every flow with `totalBytes` is done; false if that took longer. */
  runUntilDone(maxMs: number): boolean {
    const until = instantAdd(this.sim.now, millis(maxMs));
    const done = (): boolean =>
      this.flows.every(
        (f, i) => f.doneAt !== undefined || this.#options.flows?.[i]?.totalBytes === undefined,
      );
    return this.sim.runUntilTrue(done, { until, maxSteps: Number.MAX_SAFE_INTEGER }).idle;
  }

  /** User bits per second that the application of a flow got in whole intervals between these times. */
  rateBps(flow: number, fromMs: number, toMs: number): number {
    const from = Math.round(fromMs / this.intervalMs);
    const to = Math.round(toMs / this.intervalMs);
    let bytes = 0;
    for (let i = from; i < to; i++) bytes += this.flows[flow]?.perInterval[i] ?? 0;
    return (bytes * 8000) / ((to - from) * this.intervalMs);
  }

  /** The rate of a flow as a share of the link's, interval by interval. */
  curve(flow: number): number[] {
    const perInterval = (this.#options.rateBps * this.intervalMs) / 8000;
    const bytes = this.flows[flow]?.perInterval ?? [];
    return Array.from(bytes, (n) => (n ?? 0) / perInterval);
  }

  #host(name: string): SimHost {
    return this.sim.addHost(name);
  }

  #wire(
    hosts: readonly (readonly [SimHost, SimHost])[],
    specs: readonly BulkFlow[],
    params: { readonly aToZ: LinkOptions; readonly zToA: LinkOptions },
  ): DuplexLink {
    const ends = hosts.map(
      ([a, z], i) =>
        [
          a.addInterface({ addresses: [`10.0.0.${i + 1}`] }),
          z.addInterface({ addresses: [`10.0.1.${i + 1}`] }),
        ] as const,
    );
    const [only] = ends;
    if (only !== undefined && ends.length === 1) {
      const extra = specs[0]?.extraDelayMs ?? 0;
      const longer = (link: LinkOptions): LinkOptions => ({
        ...link,
        delayMs: (link.delayMs ?? 0) + extra,
      });
      const both = { aToZ: longer(params.aToZ), zToA: longer(params.zToA) };
      return this.sim.connect(only[0], only[1], both, "bottleneck");
    }
    const left = this.sim.addRouter("left");
    const right = this.sim.addRouter("right");
    const leftPort = left.addPort();
    const rightPort = right.addPort();
    const link = this.sim.connect(leftPort, rightPort, params, "bottleneck");
    left.addRoute("10.0.1.0/24", leftPort);
    right.addRoute("10.0.0.0/24", rightPort);
    ends.forEach(([a, z], i) => {
      const atLeft = left.addPort();
      const atRight = right.addPort();
      this.sim.connect(a, atLeft, { delayMs: specs[i]?.extraDelayMs ?? 0 }, `a${i}`);
      this.sim.connect(z, atRight, {}, `z${i}`);
      left.addRoute(`10.0.0.${i + 1}/32`, atLeft);
      right.addRoute(`10.0.1.${i + 1}/32`, atRight);
    });
    return link;
  }

  #start(index: number, spec: BulkFlow, a: SimHost, z: SimHost): BulkProgress {
    const { sim } = this;
    const now = (): Instant => sim.now;
    const payload = new Uint8Array(spec.messageBytes ?? 16_384).fill(0x5a);
    const streams = spec.streams ?? 1;
    const total = spec.totalBytes ?? Number.POSITIVE_INFINITY;
    let given = 0;
    let stream = 0;
    const fill = (): void => {
      const id = flow.senderId;
      if (id === undefined) return;
      while (given < total) {
        const data = total - given < payload.length ? payload.subarray(0, total - given) : payload;
        if (!flow.sender.core.send(sim.now, id, data, { stream }).ok) break;
        given += data.length;
        stream = (stream + 1) % streams;
      }
    };
    const readAll = (id: AssociationId, room: number): number => {
      let left = room;
      while (left > 0) {
        const message = flow.receiver.core.receive(id);
        if (message === undefined) break;
        left -= message.data.length;
        this.#count(flow, message.data.length, total);
      }
      return left;
    };
    const sctp = spec.sctp ?? {};
    const core = (host: SimHost, options: SctpOptions): HostCore =>
      new HostCore({ random: sim.forkRandom(), sctp: options, interfaces: interfacesOf(host) });
    const sender = new SimHostNode(
      a,
      now,
      core(a, sctp),
      {
        event: (_now, event) => {
          if (event.kind === "up" || event.kind === "writable") fill();
          if (event.kind === "up") a.drain();
        },
      },
      false,
    );
    const receiver = new SimHostNode(
      z,
      now,
      core(z, { ...sctp, ...spec.receiverSctp }),
      {
        event: (at, event) => {
          if (event.kind === "up") {
            flow.upAt = at;
            flow.receiverId = event.id;
          }
          if (event.kind === "readable" && spec.readBps === undefined) {
            readAll(event.id, Number.POSITIVE_INFINITY);
          }
        },
      },
      false,
    );
    const flow = new BulkProgress(sender, receiver);
    receiver.listen({ port: PORT, udpPort: 0 });
    sim.schedule(instantAdd(EPOCH, millis(spec.startMs ?? 0)), () => {
      flow.senderId = sender.connect({
        remotes: [IpAddress.parse(`10.0.1.${index + 1}`)],
        port: PORT,
        udpPort: 0,
        peerUdpPort: 0,
      });
      fill();
      a.drain();
    });
    const { readBps } = spec;
    if (readBps !== undefined) {
      const perTick = (readBps / 8000) * READ_EVERY_MS;
      let due = 0;
      const tick = (): void => {
        due = Math.min(due + perTick, 2 * perTick + payload.length);
        if (flow.receiverId !== undefined) due = readAll(flow.receiverId, due);
        z.drain();
        sim.schedule(instantAdd(sim.now, millis(READ_EVERY_MS)), tick);
      };
      sim.schedule(EPOCH, tick);
    }
    return flow;
  }

  #count(flow: BulkProgress, bytes: number, total: number): void {
    const at = Math.floor(this.sim.now / this.#interval);
    while (flow.perInterval.length <= at) flow.perInterval.push(0);
    flow.perInterval[at] = (flow.perInterval[at] ?? 0) + bytes;
    flow.bytes += bytes;
    if (flow.bytes >= total) flow.doneAt ??= this.sim.now;
  }
}
