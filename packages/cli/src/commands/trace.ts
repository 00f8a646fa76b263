import type { Command } from "commander";
import { usageError } from "../command-error.js";
import type { CommandRunner } from "../command-runner.js";
import { EXIT, type ExitStatus } from "../exit-status.js";
import { numberFrom } from "../option-parsers.js";
import type { Console } from "../output/console.js";
import type { AssociationStory } from "../trace/association-story.js";
import { printHostCounts, printStory } from "../trace/print-story.js";
import { readTrace } from "../trace/read-trace.js";
import { differingFields, printReplay, replayTrace } from "../trace/replay-trace.js";
import { storyObject } from "../trace/story-object.js";
import { TraceStory } from "../trace/trace-story.js";

interface TraceCommandOptions {
  readonly association?: number;
  readonly host?: string;
  readonly all?: boolean;
  readonly replay?: boolean;
  readonly json?: boolean;
}

/** `multihome trace`: the story of the associations of a trace, or the run again. */
export function addTrace(program: Command, runner: CommandRunner): void {
  program
    .command("trace")
    .summary("tell the story of a recorded run, or run it again")
    .description(
      `Reads what --trace of another command wrote, and tells the story of each association: when its data moved
to another path, why, and what that cost. With --replay the run is executed again, and every byte that
is sent, every event and every decision compared with what was recorded.`,
    )
    .argument("<file>", "the trace, or - for standard input")
    .option("-a, --association <n>", "this association only", numberFrom(1))
    .option("--host <name>", "this host only, in a trace of several")
    .option("--all", "also what was without consequence, however much it is")
    .option("--replay", "run it again and compare; exit status 1 if something differs")
    .option("--json", "one object per association, and one at the end")
    .addHelpText(
      "after",
      `
Examples:
  multihome demo --trace run.trace && multihome trace run.trace
  multihome sim failover --seeds 1 --trace sim.trace && multihome trace sim.trace --host a
  multihome trace run.trace --replay`,
    )
    .action((file: string, options: TraceCommandOptions) =>
      runner.run(options.json === true, (console) =>
        options.replay === true ? replay(console, file, options) : tell(console, file, options),
      ),
    );
}

async function tell(console: Console, file: string, o: TraceCommandOptions): Promise<ExitStatus> {
  const story = new TraceStory();
  for await (const event of readTrace(console, file)) {
    if (console.closed) return EXIT.ok;
    story.take(event);
  }
  story.finish();
  const chosen = story.associations.filter(
    (a) =>
      (o.association === undefined || a.id === o.association) &&
      (o.host === undefined || a.host === o.host),
  );
  if (chosen.length === 0 && story.associations.length > 0) throw nothingChosen(story.associations);
  if (console.json) {
    for (const a of chosen) await console.object(storyObject(a));
    const { lines, associations, counted } = story;
    const ofNone = Object.fromEntries([...counted].map(([h, c]) => [h, Object.fromEntries(c)]));
    await console.object({ ok: true, lines, associations: associations.length, counted: ofNone });
    return EXIT.ok;
  }
  for (const [i, a] of chosen.entries()) {
    if (i > 0) await console.line();
    await printStory(console, a, o.all === true);
  }
  if (story.associations.length === 0) await console.line("there is no association in this trace");
  if (o.association === undefined) await printHostCounts(console, story);
  return EXIT.ok;
}

const nothingChosen = (there: readonly AssociationStory[]): Error =>
  usageError(
    "invalidOption",
    `there is no such association; the trace has ${there
      .slice(0, 10)
      .map((a) => (a.host === "" ? String(a.id) : `${a.id} of ${a.host}`))
      .join(", ")}${there.length > 10 ? " and more" : ""}`,
  );

async function replay(console: Console, file: string, o: TraceCommandOptions): Promise<ExitStatus> {
  if (o.association !== undefined || o.host !== undefined) {
    throw usageError("invalidOption", "--replay runs all of it: no --association, no --host");
  }
  const result = await replayTrace(readTrace(console, file));
  const { difference, counts, before } = result;
  if (console.json) {
    const found =
      difference === undefined
        ? {}
        : {
            line: difference.line,
            recorded: difference.recorded ?? null,
            replayed: difference.replayed ?? null,
            differs: differingFields(difference),
            before,
          };
    await console.object({ ok: difference === undefined, ...counts, ...found });
  } else await printReplay(console, result);
  return difference === undefined ? EXIT.ok : EXIT.failed;
}
