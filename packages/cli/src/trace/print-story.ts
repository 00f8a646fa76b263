import type { Console } from "../output/console.js";
import { table } from "../output/table.js";
import { formatBytes } from "../output/units.js";
import type { AssociationStory, StoryEntry, SwitchStory } from "./association-story.js";
import type { Amount } from "./path-story.js";
import { amount, ms, times } from "./story-text.js";
import type { TraceStory } from "./trace-story.js";

/** Entries without consequence are left out when there are more than so many. */
const MAX_MINOR = 24;

const REASONS: Readonly<Record<string, string>> = {
  lossDetected: "later ones were acknowledged",
  t3Rtx: "T3-rtx ran out",
  suspected: "copies while the path was in doubt",
  pathFailed: "the path had failed",
  pathLeft: "the path was left",
};

/** Counters that the story tells in other words, or that are no drop. */
const TOLD: ReadonlySet<string> = new Set([
  "associationsOpened",
  "associationsClosed",
  "chunksRetransmitted",
  "fastRetransmits",
  "t3Expirations",
  "probesSent",
  "pathsSuspected",
  "pathSwitches",
  "suspicionsCleared",
  "pathsConfirmed",
  "pathsPotentiallyFailed",
  "pathsInactive",
  "pathsRecovered",
  "messagesAbandoned",
  "heartbeatsSent",
  "heartbeatsUnanswered",
]);

const PLANNED: ReadonlySet<string> = new Set(["switchback", "application", "policy"]);

/** Under the text of a line of the timeline. */
const MARGIN = "".padStart(15);

/** Prints the story of one association. */
export async function printStory(
  console: Console,
  story: AssociationStory,
  all: boolean,
): Promise<void> {
  await new StoryPrinter(console, story).print(all);
}

class StoryPrinter {
  readonly #console: Console;
  readonly #story: AssociationStory;

  constructor(console: Console, story: AssociationStory) {
    this.#console = console;
    this.#story = story;
  }

  async print(all: boolean): Promise<void> {
    const say = (line = ""): Promise<void> => this.#console.line(line);
    await say(this.#title());
    await say(this.#setUp());
    await say(this.#traffic());
    await say(this.#moves());
    await say();
    await say(this.#paths());
    await say();
    await this.#timeline(all);
    const again = [...this.#story.again.sums.values()];
    if (again.length > 0) {
      await say();
      await say(this.#retransmissions(again));
    }
    const counted = [...this.#story.counted].filter(([name]) => !TOLD.has(name));
    if (counted.length > 0) {
      await say();
      await say(countedTable(this.#console, "dropped, refused, odd", counted));
    }
  }

  #title(): string {
    const s = this.#story;
    const c = this.#console.colours;
    const of = s.host === "" ? "" : ` of ${s.host}`;
    const remotes = [
      ...new Set([...s.paths.values()].map((p) => p.remote).filter((r) => r !== "")),
    ];
    const peer = (remotes.length > 0 ? remotes : s.remotes).join(", ");
    return c.bold(`Association ${s.id}${of} with ${peer}`);
  }

  #setUp(): string {
    const s = this.#story;
    const c = this.#console.colours;
    const opened = s.incoming ? "opened by the peer" : "opened by us";
    const up =
      s.upAt === undefined
        ? c.red("never up")
        : s.incoming
          ? "up"
          : `up after ${c.bold(ms(s.upAt - s.beganAt))}`;
    const end =
      s.endedAt === undefined
        ? `still there when the trace ends, ${ms(s.lastAt - s.beganAt)} after its beginning`
        : `ended after ${ms(s.endedAt - s.beganAt)}: ${s.end}`;
    return `${opened}, ${up}, ${end}`;
  }

  #traffic(): string {
    const m = this.#story.messages;
    const parts: string[] = [];
    if (m.accepted > 0) {
      const fates = [
        `${m.delivered} delivered`,
        ...(m.abandoned > 0 ? [`${m.abandoned} given up`] : []),
        ...(m.failed > 0 ? [`${m.failed} failed`] : []),
        ...(m.refused > 0 ? [`the send buffer was full ${times(m.refused, "time")}`] : []),
      ];
      parts.push(
        `${times(m.accepted, "message")} to send (${formatBytes(m.acceptedBytes)}): ${fates.join(", ")}`,
      );
    }
    if (m.received > 0) {
      parts.push(`${times(m.received, "message")} received (${formatBytes(m.receivedBytes)})`);
    }
    return parts.length === 0 ? "no messages" : parts.join("; ");
  }

  #moves(): string {
    const s = this.#story;
    const n = s.switches.length;
    const sum: Amount = { chunks: 0, bytes: 0 };
    for (const a of s.again.sums.values()) {
      sum.chunks += a.chunks;
      sum.bytes += a.bytes;
    }
    const sent = [...s.paths.values()].reduce((bytes, p) => bytes + p.bytesOut, 0);
    const share = sent === 0 ? "" : `, ${((100 * sum.bytes) / sent).toFixed(1)} % of what left`;
    const again = sum.chunks === 0 ? "nothing was sent again" : `${amount(sum)} sent again${share}`;
    const moved =
      n === 0
        ? "never changed its path"
        : n === 1
          ? "changed its path once"
          : `changed its path ${n} times`;
    return `data ${moved}; ${again}`;
  }

  #paths(): string {
    const c = this.#console.colours;
    const s = this.#story;
    const whole = Math.max(1, (s.endedAt ?? s.lastAt) - (s.upAt ?? s.beganAt));
    const rows = [...s.paths.values()]
      .sort((p, q) => p.id - q.id)
      .map((p) => [
        c.bold(String(p.id)),
        `${p.local} → ${p.remote}`,
        stateText(p.state),
        `${Math.round((100 * p.usedFor) / whole)} %`,
        formatBytes(p.bytesOut),
        formatBytes(p.bytesIn),
        p.srtt > 0 ? ms(p.srtt) : "-",
        formatBytes(p.cwnd),
      ]);
    return table(
      this.#console,
      ["path", "", "at the end", "in use", "sent", "received", "round trip", "cwnd"],
      rows,
    );
  }

  async #timeline(all: boolean): Promise<void> {
    const s = this.#story;
    const minor = s.entries.filter((e) => e.minor).length;
    const leaveOut = !all && minor > MAX_MINOR;
    const switches = [...s.switches];
    for (const e of s.entries.filter((entry) => !(leaveOut && entry.minor))) {
      await this.#switchesUntil(switches, e.at);
      await this.#entry(e);
    }
    await this.#switchesUntil(switches, Number.POSITIVE_INFINITY);
    if (leaveOut) {
      await this.#console.line(
        this.#console.colours.dim(
          `${"".padStart(13)}${minor} lines without consequence left out (--all)`,
        ),
      );
    }
    await this.#waits();
  }

  async #switchesUntil(switches: SwitchStory[], at: number): Promise<void> {
    for (let next = switches[0]; next !== undefined && next.at < at; next = switches[0]) {
      switches.shift();
      await this.#switch(next);
    }
  }

  async #entry(e: StoryEntry): Promise<void> {
    const c = this.#console.colours;
    const paint = { good: c.green, bad: c.red, move: c.yellow, plain: (t: string) => t }[e.tone];
    await this.#console.line(`${this.#time(e.at)}  ${paint(e.what)}`);
    for (const line of e.more) await this.#console.line(`${MARGIN}      ${line}`);
  }

  async #switch(w: SwitchStory): Promise<void> {
    const c = this.#console.colours;
    await this.#console.line(
      `${this.#time(w.at)}  ${c.yellow(c.bold(`data moves from path ${w.from} to path ${w.to}`))} (${w.cause})`,
    );
    for (const [i, line] of w.why.entries()) {
      await this.#console.line(`${MARGIN}${c.dim(i === 0 ? "why   " : "      ")}${line}`);
    }
    await this.#console.line(`${MARGIN}${c.dim("cost  ")}${costText(w)}`);
  }

  async #waits(): Promise<void> {
    const s = this.#story;
    const c = this.#console.colours;
    const lines: string[] = [];
    const { deliveries } = s;
    const acks = s.acks.waits;
    const span = (w: { from: number; to: number }): string =>
      `${c.bold(ms(w.to - w.from))} from ${this.#time(w.from).trim()} on`;
    if (acks.longest.to > 0)
      lines.push(`longest wait for an acknowledgement: ${span(acks.longest)}`);
    if (deliveries.longest.to > 0) {
      lines.push(`longest time between two messages received: ${span(deliveries.longest)}`);
    }
    if (s.cleared > 0) {
      lines.push(`a path was in doubt and answered: ${times(s.cleared, "time")}`);
    }
    for (const [side, w] of Object.entries(s.windows)) {
      if (w.times === 0) continue;
      const whose = side === "ours" ? "our receive window" : "the peer's receive window";
      lines.push(`${whose} was closed ${times(w.times, "time")}, ${ms(w.us)} in all`);
    }
    if (lines.length > 0) await this.#console.line();
    for (const line of lines) await this.#console.line(line);
  }

  #retransmissions(again: readonly (Amount & { path: number; why: string })[]): string {
    const rows = [...again]
      .sort((x, y) => x.path - y.path || x.why.localeCompare(y.why))
      .map((a) => [
        String(a.path),
        String(a.chunks),
        formatBytes(a.bytes),
        REASONS[a.why] ?? a.why,
      ]);
    return table(this.#console, ["sent again, of path", "chunks", "bytes", "why"], rows);
  }

  /** Seconds since the association began. */
  #time(at: number): string {
    const text = `${((at - this.#story.beganAt) / 1e6).toFixed(3)} s`.padStart(13);
    return this.#console.colours.dim(text);
  }
}

const stateText = (state: string): string =>
  state === "potentiallyFailed" ? "potentially failed" : state;

function costText(w: SwitchStory): string {
  const parts: string[] = [];
  // A planned move waits for nobody; the gap around it is a round trip.
  const planned = PLANNED.has(w.cause) && w.stall === 0;
  const gap = planned ? 0 : Math.max(w.ackGap, w.stall);
  if (gap > 0) parts.push(`nothing new was acknowledged for ${ms(gap)}`);
  if (!planned && w.deliveryGap !== undefined && w.deliveryGap > 0) {
    parts.push(`no message was received for ${ms(w.deliveryGap)}`);
  }
  if (w.again.chunks > 0) parts.push(`${amount(w.again)} sent again`);
  return parts.length === 0 ? "nothing" : parts.join("; ");
}

/** Prints what counted on a host without an association. */
export async function printHostCounts(console: Console, story: TraceStory): Promise<void> {
  for (const [host, counted] of story.counted) {
    const rows = [...counted].filter(([name]) => !TOLD.has(name));
    if (rows.length === 0) continue;
    await console.line();
    const of = host === "" ? "of no association" : `of no association, on ${host}`;
    await console.line(countedTable(console, `counted ${of}`, rows));
  }
}

const countedTable = (
  console: Console,
  title: string,
  rows: readonly (readonly [string, number])[],
): string =>
  table(
    console,
    [title, "times"],
    [...rows].sort((x, y) => y[1] - x[1]).map(([name, n]) => [name, String(n)]),
  );
