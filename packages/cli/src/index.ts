export type { CliIo, CliOutput } from "./cli-io.js";
export { EXIT, type ExitStatus } from "./exit-status.js";
export { processIo } from "./process-io.js";
export { runCli } from "./run-cli.js";
