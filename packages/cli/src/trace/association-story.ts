import type { TraceEvent } from "multihome";
import type { Tone } from "../output/transfer-view.js";
import { formatBytes } from "../output/units.js";
import { AckProgress } from "./ack-progress.js";
import { chunks, maybe, num, text, texts } from "./fields.js";
import { type Amount, PathStory } from "./path-story.js";
import { Retransmissions } from "./retransmissions.js";
import { amount, ms, times } from "./story-text.js";
import { silence, switchReasons } from "./switch-reasons.js";
import { WaitMeter } from "./wait-meter.js";

/** A line of the timeline; times in microseconds of the trace. */
export interface StoryEntry {
  readonly at: number;
  readonly tone: Tone;
  readonly what: string;
  /** Lines below it. */
  readonly more: readonly string[];
  /** Left out when there are many: it had no consequence. */
  readonly minor: boolean;
}

/** A move of the data to another path. */
export interface SwitchStory {
  readonly at: number;
  readonly from: number;
  readonly to: number;
  readonly cause: string;
  /** What was known when it was decided. */
  readonly why: readonly string[];
  /** What it cost: as told to the application, and as the trace shows. */
  readonly stall: number;
  /** Sent again over other paths because this one was in doubt or had failed; still counting until it is back. */
  readonly again: Amount;
  /** The longest time around it in which the peer acknowledged nothing new, though something was on its way. */
  ackGap: number;
  /** The longest time around it without a message for our application, if it received any. */
  deliveryGap: number | undefined;
}

/** Messages and their bytes. */
interface Messages {
  accepted: number;
  acceptedBytes: number;
  delivered: number;
  abandoned: number;
  failed: number;
  refused: number;
  received: number;
  receivedBytes: number;
}

/** A switch whose cost is not known yet, and since when it was on its way. */
interface OpenSwitch {
  readonly story: SwitchStory;
  readonly from: number;
}

/** Timers that run out because nobody answers, and what is done then. */
const AGAIN: Readonly<Record<string, string>> = {
  t1Init: "no answer to the INIT: once more",
  t1Cookie: "no answer to the COOKIE ECHO: once more",
  t2Shutdown: "no answer to the SHUTDOWN or SHUTDOWN ACK: once more",
};

/** Gathers what a trace tells of one association; keeps what happened, not the lines. */
export class AssociationStory {
  readonly host: string;
  readonly id: number;
  /** Times are told from here on. */
  beganAt: number;
  /** Who it is with; empty until a path is known. */
  readonly remotes: readonly string[];
  readonly paths: Map<number, PathStory>;
  readonly entries: StoryEntry[];
  readonly switches: SwitchStory[];
  /** Retransmissions by path and reason. */
  readonly again: Retransmissions;
  readonly counted: Map<string, number>;
  readonly messages: Messages;
  readonly acks: AckProgress;
  readonly deliveries: WaitMeter;
  incoming: boolean;
  upAt: number | undefined;
  endedAt: number | undefined;
  end: string | undefined;
  lastAt: number;
  /** Suspicions that an answer ended. */
  cleared: number;
  /** Times that a window was closed, and for how long in all. */
  readonly windows: Record<
    "ours" | "peer",
    { times: number; us: number; since: number | undefined }
  >;
  /** Switches around which the next acknowledgement is awaited. */
  readonly #open: OpenSwitch[];
  /** Switches around which the next message is awaited. */
  #undelivered: OpenSwitch[];
  /** The path that our application believes in use. */
  #told: PathStory | undefined;

  constructor(host: string, e: TraceEvent) {
    this.host = host;
    this.id = num(e, "association");
    this.beganAt = e.at;
    this.remotes = texts(e, "remotes");
    this.paths = new Map();
    this.entries = [];
    this.switches = [];
    this.again = new Retransmissions();
    this.counted = new Map();
    this.messages = {
      accepted: 0,
      acceptedBytes: 0,
      delivered: 0,
      abandoned: 0,
      failed: 0,
      refused: 0,
      received: 0,
      receivedBytes: 0,
    };
    this.acks = new AckProgress();
    this.deliveries = new WaitMeter();
    this.incoming = e.kind !== "connect";
    this.upAt = undefined;
    this.endedAt = undefined;
    this.end = undefined;
    this.lastAt = e.at;
    this.cleared = 0;
    this.windows = {
      ours: { times: 0, us: 0, since: undefined },
      peer: { times: 0, us: 0, since: undefined },
    };
    this.#open = [];
    this.#undelivered = [];
    this.#told = undefined;
  }

  /** Takes a line of this association. */
  take(e: TraceEvent): void {
    this.lastAt = Math.max(this.lastAt, e.at);
    // An event is told a little after it happened.
    this.beganAt = Math.min(this.beganAt, e.at);
    switch (e.kind) {
      case "connect":
        this.add(e.at, "plain", `connecting to ${texts(e, "remotes").join(", ")}`);
        break;
      case "packetIn":
        this.#packetIn(e);
        break;
      case "packetOut":
        this.#packetOut(e);
        break;
      case "send":
        this.#send(e);
        break;
      case "receive":
        this.#receive(e);
        break;
      case "event":
        this.#event(e);
        break;
      case "path":
        this.#path(e);
        break;
      case "shutdown":
        this.add(e.at, "plain", "our application closes");
        break;
      case "abort":
        this.add(e.at, "bad", "our application aborts");
        break;
      case "setPrimary":
        this.add(e.at, "plain", `our application makes path ${num(e, "path")} the primary`);
        break;
      case "window":
        this.#window(e);
        break;
      default:
        this.#decision(e);
    }
  }

  /** Something counted while one of our packets was at hand. */
  count(counter: string, by: number): void {
    this.counted.set(counter, (this.counted.get(counter) ?? 0) + by);
  }

  /** A line of the timeline. */
  add(at: number, tone: Tone, what: string, more: readonly string[] = []): void {
    this.entries.push({ at, tone, what, more, minor: false });
  }

  #addMinor(at: number, tone: Tone, what: string): void {
    this.entries.push({ at, tone, what, more: [], minor: true });
  }

  /** There are no more lines. */
  finish(): void {
    for (const p of this.paths.values()) p.use(this.endedAt ?? this.lastAt, false);
    for (const w of Object.values(this.windows)) {
      if (w.since !== undefined) w.us += this.lastAt - w.since;
      w.since = undefined;
    }
    const end = this.endedAt;
    if (end === undefined) this.acks.waits.stop(this.lastAt);
    // Events are told a little after they happened, and nothing happens after the end.
    const order = this.entries.filter((e) => e.at <= (end ?? e.at)).sort((x, y) => x.at - y.at);
    this.entries.splice(0, this.entries.length, ...order);
    this.#closeSwitches();
  }

  path(id: number): PathStory {
    let p = this.paths.get(id);
    if (p === undefined) {
      p = new PathStory(id);
      this.paths.set(id, p);
    }
    return p;
  }

  // ---- packets

  #packetIn(e: TraceEvent): void {
    const id = maybe(e, "path");
    const p = id === undefined ? undefined : this.path(id);
    if (p !== undefined) {
      p.packetsIn++;
      p.bytesIn += num(e, "bytes");
      p.lastInAt = e.at;
      p.local ||= text(e, "local");
      p.remote ||= text(e, "remote");
    }
    for (const c of chunks(e)) {
      if (c.type === "SACK") this.#acked(e.at, c.cumTsnAck ?? 0, JSON.stringify(c.gaps ?? []));
      // It may come back over another path than the HEARTBEAT went; that is rare, and the count is for people.
      else if (c.type === "HEARTBEAT ACK" && p !== undefined) {
        p.asked = [];
        p.answers++;
      }
    }
  }

  #packetOut(e: TraceEvent): void {
    const id = maybe(e, "path");
    if (id === undefined) return;
    const p = this.path(id);
    p.packetsOut++;
    p.bytesOut += num(e, "bytes");
    for (const c of chunks(e)) {
      if (c.type === "HEARTBEAT") p.asked.push(e.at);
      else if (c.type === "DATA") this.acks.sent(e.at, c.tsn ?? 0);
    }
  }

  #acked(at: number, cumTsnAck: number, gaps: string): void {
    if (!this.acks.acknowledged(at, cumTsnAck, gaps)) return;
    for (const p of this.paths.values()) p.timeouts = 0;
    this.#closeSwitches();
  }

  /** Data moves again: now the time without is known. */
  #closeSwitches(): void {
    for (const { story, from } of this.#open) {
      story.ackGap = this.acks.waits.longestIn(from, story.at);
    }
    this.#open.length = 0;
  }

  // ---- messages

  #send(e: TraceEvent): void {
    if (e["refused"] !== undefined) {
      this.messages.refused++;
      return;
    }
    this.messages.accepted++;
    this.messages.acceptedBytes += num(e, "bytes");
  }

  #receive(e: TraceEvent): void {
    if (e["bytes"] === null) return;
    if (e["end"] === true) this.messages.received++;
    this.messages.receivedBytes += num(e, "bytes");
    this.deliveries.came(e.at);
    for (const { story, from } of this.#undelivered) {
      story.deliveryGap = this.deliveries.longestIn(from, story.at);
    }
    this.#undelivered = [];
  }

  // ---- events

  #event(e: TraceEvent): void {
    const p = maybe(e, "path") === undefined ? undefined : this.path(num(e, "path"));
    switch (text(e, "event")) {
      case "up":
        this.upAt = e.at;
        this.incoming = e["incoming"] === true;
        this.add(e.at, "good", this.incoming ? "up: the peer opened it" : "up");
        break;
      case "restarted":
        this.upAt ??= e.at;
        this.add(e.at, "bad", "the peer restarted: streams begin anew");
        break;
      case "pathAdded":
        if (p !== undefined) [p.local, p.remote] = [text(e, "local"), text(e, "remote")];
        break;
      case "pathConfirmed":
        this.#confirmed(e, p);
        break;
      case "pathPotentiallyFailed":
      case "pathInactive":
        this.#failed(e, p);
        break;
      case "pathRecovered":
        this.#recovered(e, p);
        break;
      case "pathRemoved":
        if (text(e, "cause") !== "associationEnded") {
          this.add(e.at, "bad", `path ${p?.id} is gone (${text(e, "cause")})`);
        }
        break;
      case "switched":
        this.#switched(e);
        break;
      case "peerShutdown":
        this.add(e.at, "plain", "the peer closes");
        break;
      case "peerError":
        this.add(e.at, "bad", `the peer reports an error, cause ${num(e, "causeCode")}`);
        break;
      case "policyFailed":
        this.add(e.at, "bad", `the path policy was replaced by handover: ${text(e, "detail")}`);
        break;
      case "message":
        this.#outcome(text(e, "outcome"));
        break;
      case "ended":
        this.#ended(e);
        break;
    }
  }

  #outcome(outcome: string): void {
    if (outcome === "delivered") this.messages.delivered++;
    else if (outcome === "abandoned") this.messages.abandoned++;
    else this.messages.failed++;
  }

  #confirmed(e: TraceEvent, p: PathStory | undefined): void {
    this.#told ??= p;
    const rtt = num(e, "rtt") === 0 ? "" : `, round trip ${ms(num(e, "rtt"))}`;
    this.add(e.at, "good", `path ${p?.id} can carry data${rtt}`);
  }

  #failed(e: TraceEvent, p: PathStory | undefined): void {
    if (p === undefined) return;
    p.failedAt ??= e.at;
    p.answers = 0;
    const inactive = text(e, "event") === "pathInactive";
    this.add(
      e.at,
      "bad",
      `path ${p.id} ${inactive ? "is taken for dead" : "has failed, as far as we know"} (${text(e, "cause")})`,
      // Of the path in use the switch that follows says why.
      p !== this.#told && p.suspicion !== undefined ? silence(p) : [],
    );
    if (p !== this.#told) p.suspicion = undefined;
  }

  #recovered(e: TraceEvent, p: PathStory | undefined): void {
    if (p === undefined) return;
    const down = p.failedAt === undefined ? "" : ` after ${ms(e.at - p.failedAt)}`;
    const answers = p.answers === 0 ? "" : `: ${times(p.answers, "HEARTBEAT")} answered`;
    this.add(e.at, "good", `path ${p.id} answers again${down}${answers}`);
    p.again = { chunks: 0, bytes: 0 };
  }

  #switched(e: TraceEvent): void {
    const from = this.path(num(e, "from"));
    const to = this.path(num(e, "path"));
    const cause = text(e, "cause");
    const why = switchReasons(cause, e.at, from, to);
    const story: SwitchStory = {
      at: e.at,
      from: from.id,
      to: to.id,
      cause,
      why,
      stall: num(e, "stall"),
      again: cause === "switchback" ? { chunks: 0, bytes: 0 } : from.again,
      ackGap: 0,
      deliveryGap: undefined,
    };
    const open = { story, from: from.suspicion?.at ?? e.at };
    this.#open.push(open);
    if (this.messages.received > 0) this.#undelivered.push(open);
    this.switches.push(story);
    from.suspicion = undefined;
    to.failedAt = undefined;
    this.#told = to;
  }

  #ended(e: TraceEvent): void {
    this.endedAt = e.at;
    this.acks.waits.stop(e.at);
    const cause = text(e, "cause");
    const detail =
      text(e, "detail") ||
      (cause === "unreachable" ? `nobody answers at ${texts(e, "tried").join(", ")}` : "");
    this.end = detail === "" ? cause : `${cause}: ${detail}`;
    this.add(e.at, cause === "shutdown" ? "good" : "bad", `ended: ${this.end}`);
  }

  // ---- decisions

  #path(e: TraceEvent): void {
    const p = this.path(num(e, "path"));
    p.state = text(e, "state");
    p.cwnd = num(e, "cwnd");
    p.srtt = num(e, "srtt");
    p.rto = num(e, "rto");
    p.use(e.at, e["current"] === true);
  }

  #decision(e: TraceEvent): void {
    const again = e.kind === "timer" ? AGAIN[text(e, "timer")] : undefined;
    if (again !== undefined) this.#addMinor(e.at, "plain", again);
    const p = maybe(e, "path") === undefined ? undefined : this.path(num(e, "path"));
    if (p === undefined) return;
    switch (e.kind) {
      case "suspected":
        p.suspicion = {
          at: e.at,
          awaitedFor: maybe(e, "awaitedFor"),
          silentFor: maybe(e, "silentFor"),
          srtt: num(e, "srtt"),
          rttvar: num(e, "rttvar"),
          probes: [],
        };
        break;
      case "probed":
        p.suspicion?.probes.push(e.at);
        break;
      case "suspicionCleared":
        this.#clear(e, p);
        break;
      case "noVerdict":
        this.add(e.at, "plain", `nobody answers on any path: no verdict about path ${p.id} yet`);
        break;
      case "t3Expired":
        p.timeouts++;
        this.#addMinor(
          e.at,
          "bad",
          `path ${p.id}: T3-rtx ran out after ${ms(num(e, "rto"))}, ${formatBytes(num(e, "flightSize"))} in flight`,
        );
        break;
      case "marked":
        this.again.marked(e, p.again);
        break;
      case "retransmitted":
        this.again.sent(e);
        break;
    }
  }

  #clear(e: TraceEvent, p: PathStory): void {
    const s = p.suspicion;
    if (s === undefined) return;
    this.cleared++;
    const copies =
      p.again.chunks === 0 ? "" : `, ${amount(p.again)} went over another path meanwhile`;
    this.#addMinor(
      e.at,
      "plain",
      `path ${p.id} was in doubt for ${ms(e.at - s.at)} and answered${copies}`,
    );
    p.suspicion = undefined;
    p.again = { chunks: 0, bytes: 0 };
  }

  #window(e: TraceEvent): void {
    const side = e["side"] === "ours" ? "ours" : "peer";
    const w = this.windows[side];
    const whose = side === "ours" ? "our receive window" : "the peer's receive window";
    if (e["closed"] === true) {
      w.times++;
      w.since = e.at;
      this.#addMinor(
        e.at,
        "plain",
        `${whose} is full: its application reads slower than data comes`,
      );
    } else if (w.since !== undefined) {
      w.us += e.at - w.since;
      this.#addMinor(e.at, "plain", `${whose} opens after ${ms(e.at - w.since)}`);
      w.since = undefined;
    }
  }
}
