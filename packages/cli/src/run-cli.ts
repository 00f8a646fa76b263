import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import type { CliIo } from "./cli-io.js";
import { CommandRunner } from "./command-runner.js";
import { addDecode } from "./commands/decode.js";
import { addDemo } from "./commands/demo.js";
import { addPing } from "./commands/ping.js";
import { addReceive } from "./commands/receive.js";
import { addSend } from "./commands/send.js";
import { addSim } from "./commands/sim.js";
import { addTrace } from "./commands/trace.js";
import { EXIT, type ExitStatus } from "./exit-status.js";
import { Console } from "./output/console.js";

const EXIT_HELP = `
Example:
  multihome demo

Exit status: 0 done; 1 failed; 2 wrong arguments; 3 nobody answers, or the peer fell silent;
             130 Ctrl-C; 143 SIGTERM. Errors carry a stable [code].`;

/**
 * Runs the command line, as the \`multihome\` program does, over any streams.
 *
 * @param argv arguments after the program's name
 * @returns the exit status; nothing is thrown
 * @example
 * const status = await runCli(["decode", "capture.pcapng", "--summary"], io);
 */
export async function runCli(argv: readonly string[], io: CliIo): Promise<ExitStatus> {
  const runner = new CommandRunner(io);
  try {
    await program(io, runner).parseAsync([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return EXIT.ok;
    await runner.usage(argv.includes("--json"), error.message.replace(/^error: /, ""));
  }
  return runner.status;
}

function program(io: CliIo, runner: CommandRunner): Command {
  const console = new Console(io, false);
  const c = console.colours;
  const program = new Command("multihome")
    .description("Associations over several network paths: send, receive, and see what paths do.")
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand(false)
    .exitOverride()
    .showHelpAfterError("(--help shows an example)")
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      getOutHelpWidth: () => console.width,
      getErrHelpWidth: () => console.errWidth,
      getOutHasColors: () => c.isColorSupported,
      getErrHasColors: () => console.errColours.isColorSupported,
    })
    .configureHelp({
      styleTitle: (title) => c.bold(title),
      styleCommandText: (text) => c.cyan(text),
      styleSubcommandText: (text) => c.cyan(text),
      styleOptionText: (text) => c.green(text),
      styleArgumentText: (text) => c.yellow(text),
    })
    .addHelpText("after", EXIT_HELP);
  addDemo(program, runner);
  addSend(program, runner);
  addReceive(program, runner);
  addPing(program, runner);
  addDecode(program, runner);
  addSim(program, runner);
  addTrace(program, runner);
  return program;
}

function version(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL("../package.json", import.meta.url), "utf8"),
  );
  const found =
    typeof manifest === "object" && manifest !== null && "version" in manifest
      ? manifest.version
      : undefined;
  return String(found);
}
