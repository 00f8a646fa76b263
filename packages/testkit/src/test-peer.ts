import type {
  AssociationEvent,
  AssociationId,
  EndCause,
  HostCore,
  MessageOutcome,
  ReceivedMessage,
} from "@multihome/association";
import { type Instant, instantAdd, millis, NEVER, type PacketRef, Ring } from "@multihome/base";
import type { ScheduledAction, Side, SimHost, Simulation } from "@multihome/netsim";
import { contentOf, isContentOf } from "./message-content.js";
import { SimHostNode } from "./sim-host-node.js";

/** A message that the application of a side gave to its host. */
export interface SentMessage {
  /** Counts the side's messages from 0; it travels as the payload protocol identifier. */
  readonly index: number;
  readonly bytes: number;
  readonly stream: number;
  readonly unordered: boolean;
  /** When the host accepted it; NEVER while it waits for room, or if it was refused. */
  acceptedAt: Instant;
  /** The outcome that the host told; `undefined` until then. */
  outcome: MessageOutcome["kind"] | undefined;
  /** Of a failed message: whether any part had left. */
  partSent: boolean;
  /** How often an outcome was told: once is right. */
  outcomes: number;
}

/** A message that the application of a side took from its host. */
export interface Delivery {
  /** The sender's number. */
  readonly index: number;
  readonly stream: number;
  readonly unordered: boolean;
  readonly bytes: number;
  readonly at: Instant;
  /** Its bytes are those that were sent. */
  readonly intact: boolean;
}

interface PartialMessage {
  readonly parts: Uint8Array[];
  readonly ppid: number;
}

/** How the application reads. */
export type ReadingMode = "all" | "none" | { readonly everyMs: number };

/** Which messages an application sends. */
export interface SendSpec {
  readonly bytes: number;
  readonly count?: number | undefined;
  readonly stream?: number | undefined;
  readonly unordered?: boolean | undefined;
  readonly lifetimeMs?: number | undefined;
}

interface OpenMessage {
  readonly message: SentMessage;
  readonly data: Uint8Array;
}

interface Waiting {
  readonly message: SentMessage;
  readonly lifetimeMs: number | undefined;
}

/**
 * One host of a test with an application on it, which sends messages of known content, reads all, some
 * or none of what comes, and writes down what it gave and got and when.
 */
export class TestPeer {
  readonly side: Side;
  readonly host: SimHost;
  /** What runs on the host now. */
  node: SimHostNode;
  /** The association it follows: the one it opened itself, or the last that came up. */
  id: AssociationId | undefined;
  /** When the association came up; NEVER before. */
  upAt: Instant;
  /** How the association ended; `undefined` while it has not. */
  ended: EndCause | undefined;
  endedAt: Instant;
  /** Its application once ended an association before it was up, which is an ABORT. A later start does not undo it. */
  gaveUpSetup: boolean;
  /** When a packet last came in; NEVER before the first. */
  heardAt: Instant;
  /** How often this host was started anew. */
  reboots: number;
  /** How often its association told that the peer has restarted. */
  restarts: number;
  readonly sent: SentMessage[];
  readonly received: Delivery[];
  /** Outcomes of messages that were never accepted: the core's fault, found by an oracle. */
  strayOutcomes: number;
  /** Called after each drain of the host. */
  onDrained: (() => void) | undefined;
  /** Called for each packet that leaves; it is borrowed until return. */
  onSent: ((packet: PacketRef) => void) | undefined;
  readonly #sim: Simulation;
  readonly #seed: number;
  /** What was accepted and has no outcome, by association and the core's message id. */
  readonly #open: Map<string, OpenMessage>;
  readonly #waiting: Ring<Waiting>;
  readonly #partial: Map<string, PartialMessage>;
  #reading: ReadingMode;
  #readTick: ScheduledAction | undefined;
  /** Associations with something to read. */
  readonly #unread: Set<AssociationId>;
  readonly #makeCore: () => HostCore;

  /** @param makeCore makes the core of the host, now and when it is started anew */
  constructor(side: Side, sim: Simulation, host: SimHost, seed: number, makeCore: () => HostCore) {
    this.side = side;
    this.host = host;
    this.id = undefined;
    this.upAt = NEVER;
    this.ended = undefined;
    this.endedAt = NEVER;
    this.gaveUpSetup = false;
    this.heardAt = NEVER;
    this.reboots = 0;
    this.restarts = 0;
    this.sent = [];
    this.received = [];
    this.strayOutcomes = 0;
    this.onDrained = undefined;
    this.onSent = undefined;
    this.#sim = sim;
    this.#seed = seed;
    this.#open = new Map();
    this.#waiting = new Ring();
    this.#partial = new Map();
    this.#reading = "all";
    this.#readTick = undefined;
    this.#unread = new Set();
    this.#makeCore = makeCore;
    this.node = this.#start();
  }

  /** True from COMMUNICATION UP until the end. */
  get up(): boolean {
    return this.upAt !== NEVER && this.ended === undefined;
  }

  /** Messages that wait for room in the send buffer. */
  get waiting(): number {
    return this.#waiting.length;
  }

  get reading(): ReadingMode {
    return this.#reading;
  }

  /** Sends messages; those that find no room wait until there is. False if there is no association. */
  send(spec: SendSpec): boolean {
    if (this.id === undefined || this.ended !== undefined) return false;
    for (let i = 0; i < (spec.count ?? 1); i++) {
      const message: SentMessage = {
        index: this.sent.length,
        bytes: spec.bytes,
        stream: spec.stream ?? 0,
        unordered: spec.unordered ?? false,
        acceptedAt: NEVER,
        outcome: undefined,
        partSent: false,
        outcomes: 0,
      };
      this.sent.push(message);
      this.#waiting.push({ message, lifetimeMs: spec.lifetimeMs });
    }
    this.#flush();
    return true;
  }

  /**
   * The host loses power and starts anew, without a word to anybody. What was unsettled counts as failed: it
   * may have arrived or not, and nobody remains to be told.
   */
  reboot(): void {
    for (const m of this.sent) {
      if (m.acceptedAt === NEVER || m.outcomes > 0) continue;
      m.outcome = "failed";
      m.partSent = true;
      m.outcomes = 1;
    }
    this.reboots++;
    this.id = undefined;
    this.upAt = NEVER;
    this.ended = undefined;
    this.endedAt = NEVER;
    this.#open.clear();
    this.#waiting.clear();
    this.#partial.clear();
    this.#unread.clear();
    this.read("all");
    this.node = this.#start();
  }

  /** Changes how the application reads. */
  read(mode: ReadingMode): void {
    this.#reading = mode;
    this.#readTick?.cancel();
    this.#readTick = undefined;
    if (mode === "all") this.#readAll();
    else if (mode !== "none") this.#tick(mode.everyMs);
  }

  #start(): SimHostNode {
    return new SimHostNode(this.host, () => this.#sim.now, this.#makeCore(), {
      event: (now, event) => this.#handleEvent(now, event),
      drained: () => this.onDrained?.(),
      sent: (_now, packet) => this.onSent?.(packet),
      received: (now) => {
        if (this.ended === undefined) this.heardAt = now;
      },
    });
  }

  #handleEvent(now: Instant, event: AssociationEvent): void {
    switch (event.kind) {
      case "up":
        this.#follow(now, event.id);
        return;
      case "restarted":
        // What is left of a message in parts was received before and is still to be read.
        this.restarts++;
        return;
      case "readable":
        this.#unread.add(event.id);
        if (this.#reading === "all") this.#readAll();
        return;
      case "writable":
        this.#flush();
        return;
      case "message":
        this.#noteOutcome(`${event.id} ${event.messageId}`, event.outcome);
        return;
      case "ended":
        if (event.id !== this.id) return;
        this.ended = event.cause;
        this.endedAt = now;
        if (event.cause.kind === "aborted" && this.upAt === NEVER) this.gaveUpSetup = true;
        this.#waiting.clear();
        return;
      case "path":
      case "peerShutdown":
      case "peerError":
      case "policyFailed":
        return;
    }
  }

  /**
   * Turns to an association that came up. There may have been one before, even one that is not over: with
   * a peer that has since started anew.
   */
  #follow(now: Instant, id: AssociationId): void {
    if (id !== this.id) {
      this.ended = undefined;
      this.endedAt = NEVER;
    }
    this.id = id;
    this.upAt = now;
  }

  #noteOutcome(key: string, outcome: MessageOutcome): void {
    const open = this.#open.get(key);
    if (open === undefined) {
      this.strayOutcomes++;
      return;
    }
    open.message.outcomes++;
    open.message.outcome = outcome.kind;
    if (outcome.kind === "failed") open.message.partSent = outcome.sent;
    // The core has done with the bytes: should it send them again, the peer's check fails.
    open.data.fill(0xee);
  }

  #flush(): void {
    for (let w = this.#waiting.peek(); w !== undefined; w = this.#waiting.peek()) {
      const { message, lifetimeMs } = w;
      if (this.id === undefined) return;
      const data = contentOf(this.#seed, this.side, message.index, message.bytes);
      // Outcomes may be told inside the call, so the core is asked directly and drained afterwards.
      const result = this.node.core.send(this.#sim.now, this.id, data, {
        stream: message.stream,
        unordered: message.unordered,
        ppid: message.index,
        ...(lifetimeMs === undefined ? {} : { lifetimeMs }),
      });
      if (result.ok) {
        message.acceptedAt = this.#sim.now;
        this.#open.set(`${this.id} ${result.messageId}`, { message, data });
      } else if (result.code === "wouldBlock") break;
      this.#waiting.shift();
    }
    this.host.drain();
  }

  #readAll(): void {
    while (this.#readOne()) {
      // until nothing is left
    }
    this.host.drain();
  }

  #tick(everyMs: number): void {
    this.#readOne();
    this.host.drain();
    this.#readTick = this.#sim.schedule(instantAdd(this.#sim.now, millis(everyMs)), () =>
      this.#tick(everyMs),
    );
  }

  #readOne(): boolean {
    for (const id of this.#unread) {
      const message = this.node.core.receive(id);
      if (message !== undefined) {
        this.#take(id, message);
        return true;
      }
      this.#unread.delete(id);
    }
    return false;
  }

  #take(id: AssociationId, m: ReceivedMessage): void {
    // Parts of one message come in order, but whole messages of other streams may come between them.
    const key = `${id} ${m.stream} ${m.unordered}`;
    if (m.begin && m.end) {
      this.#deliver(m, m.ppid, m.data);
      return;
    }
    const before = m.begin ? undefined : this.#partial.get(key);
    const partial = before ?? { parts: [], ppid: m.ppid };
    partial.parts.push(m.data);
    if (!m.end) {
      this.#partial.set(key, partial);
      return;
    }
    this.#partial.delete(key);
    this.#deliver(m, partial.ppid, joined(partial.parts));
  }

  #deliver(m: ReceivedMessage, index: number, data: Uint8Array): void {
    this.received.push({
      index,
      stream: m.stream,
      unordered: m.unordered,
      bytes: data.length,
      at: this.#sim.now,
      intact: isContentOf(data, this.#seed, this.side === "a" ? "z" : "a", index),
    });
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
