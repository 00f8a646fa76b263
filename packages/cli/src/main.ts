// The program; bin/multihome.js starts it.
import { processIo } from "./process-io.js";
import { runCli } from "./run-cli.js";

// What is still open (a pipe on stdin that nobody closes) must not keep the command alive.
process.exit(await runCli(process.argv.slice(2), processIo()));
