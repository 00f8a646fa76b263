import type { Command } from "commander";
import type { CommandRunner } from "../command-runner.js";
import { addSimFailover } from "./sim-failover.js";
import { addSimReplay } from "./sim-replay.js";
import { addSimSchedules } from "./sim-schedules.js";

/** `multihome sim`: networks in memory and in virtual time. */
export function addSim(program: Command, runner: CommandRunner): void {
  const sim = program
    .command("sim")
    .summary("simulate path failures in virtual time")
    .description("Networks in memory and in virtual time: failing paths, generated schedules.")
    .helpCommand(false)
    .addHelpText("after", "\nExample:\n  multihome sim failover --seeds 100 --fault linkdown");
  addSimFailover(sim, runner);
  addSimSchedules(sim, runner);
  addSimReplay(sim, runner);
}
