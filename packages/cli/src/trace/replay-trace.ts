import {
  type TraceDifference,
  type TraceEvent,
  TraceReplay,
  type TraceReplayCounts,
} from "multihome";
import type { Console } from "../output/console.js";
import { formatBytes } from "../output/units.js";

/** What a replay came to. */
export interface ReplayResult {
  readonly counts: TraceReplayCounts;
  readonly difference: TraceDifference | undefined;
  /** The lines before the difference. */
  readonly before: readonly TraceEvent[];
}

/** Lines shown before a difference. */
const CONTEXT = 4;

/**
 * Replays a trace until its end or the first difference.
 * @throws StackError `traceNotReplayable`
 */
export async function replayTrace(events: AsyncIterable<TraceEvent>): Promise<ReplayResult> {
  const replay = new TraceReplay();
  const recent: TraceEvent[] = [];
  let number = 0;
  let difference: TraceDifference | undefined;
  for await (const event of events) {
    difference = replay.take(event);
    if (difference !== undefined) break;
    number++;
    recent.push(event);
    // A step is compared when the next one begins; what it holds is far less than this.
    if (recent.length > 20_000) recent.splice(0, 10_000);
  }
  difference ??= replay.finish();
  const line = difference?.line ?? 0;
  const first = number - recent.length + 1;
  const before = recent.slice(Math.max(0, line - CONTEXT - first), Math.max(0, line - first));
  return { counts: replay.counts, difference, before };
}

/** Prints it, for a person. */
export async function printReplay(console: Console, r: ReplayResult): Promise<void> {
  const c = console.colours;
  const { difference: d, counts } = r;
  const did = `${counts.steps} steps, ${counts.packetsIn} packets in, ${counts.packetsOut} out (${formatBytes(counts.bytesOut)})`;
  if (d === undefined) {
    await console.line(
      `${c.green("equal")}: ${counts.lines} lines, ${did}, every byte as recorded`,
    );
    return;
  }
  await console.line(`${c.red("different")} at line ${d.line}, after ${did}`);
  await console.line();
  const width = Math.max(40, console.width - 12);
  for (const e of r.before) await console.line(c.dim(`before    ${cut(JSON.stringify(e), width)}`));
  const [recorded, replayed] = aligned(d, width);
  await console.line(`recorded  ${recorded}`);
  await console.line(`replayed  ${replayed}`);
  const fields = differingFields(d);
  if (fields !== "") await console.line(`differs   ${fields}`);
}

/** The two lines, both from the same place on if they are long, so that the difference is seen. */
function aligned(d: TraceDifference, width: number): readonly [string, string] {
  const [a, b] = [textOf(d.recorded), textOf(d.replayed)];
  let same = 0;
  while (same < a.length && same < b.length && a[same] === b[same]) same++;
  if (same < width - 20) return [cut(a, width), cut(b, width)];
  const from = same - 20;
  return [`…${cut(a.slice(from), width - 1)}`, `…${cut(b.slice(from), width - 1)}`];
}

/** Names of the fields that differ; of bytes, the first that does. */
export function differingFields(d: TraceDifference): string {
  const { recorded, replayed } = d;
  if (recorded === undefined || replayed === undefined) return "";
  const names = [...new Set([...Object.keys(recorded), ...Object.keys(replayed)])];
  return names
    .filter((name) => JSON.stringify(recorded[name]) !== JSON.stringify(replayed[name]))
    .map((name) => {
      const [x, y] = [recorded[name], replayed[name]];
      if (name !== "data" || typeof x !== "string" || typeof y !== "string") return name;
      const [p, q] = [Buffer.from(x, "base64"), Buffer.from(y, "base64")];
      const at = p.findIndex((byte, i) => byte !== q[i]);
      return `data, from byte ${at < 0 ? Math.min(p.length, q.length) : at} of ${p.length}`;
    })
    .join("; ");
}

const textOf = (e: TraceEvent | undefined): string =>
  e === undefined ? "nothing more" : JSON.stringify(e);

const cut = (text: string, width: number): string =>
  text.length > width ? `${text.slice(0, width - 1)}…` : text;
