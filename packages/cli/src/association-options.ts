import { type Command, Option } from "commander";
import type { AssociationOptions } from "multihome";
import { numberFrom } from "./option-parsers.js";
import { addTraceOptions, type TraceOptions } from "./trace/trace-output.js";

/** What every command that opens associations takes. */
export interface CommonOptions extends TraceOptions {
  readonly timing: "fast" | "rfc";
  readonly policy: "handover";
  readonly failoverBudget?: number;
  readonly giveUp: number;
  readonly udpPort?: number;
  readonly json?: boolean;
}

/** Adds the options that all commands with associations share. */
export function addCommonOptions(command: Command): Command {
  const timed = command
    .addOption(
      new Option("--timing <name>", "timers: fast, or as RFC 9260 recommends")
        .choices(["fast", "rfc"])
        .default("fast"),
    )
    .addOption(
      new Option("--policy <name>", "which path data takes")
        .choices(["handover"])
        .default("handover"),
    )
    .option(
      "--failover-budget <ms>",
      "what a dead path may cost, on top of a round trip (default: 200)",
      numberFrom(20, 60_000, false),
    )
    .option(
      "--give-up <seconds>",
      "how long the peer may be silent on every path",
      numberFrom(1, 3600, false),
      20,
    );
  return addTraceOptions(timed);
}

/** So few that the time of silence alone decides when an association is given up. */
const FEW_RETRANS = 3;

/** The options as an association takes them. */
export const associationOptions = (o: CommonOptions): AssociationOptions => ({
  timing: o.timing,
  policy: o.policy,
  // RFC 9260 s8.1 counts timeouts alone; that is part of asking for its timers.
  ...(o.timing === "rfc"
    ? {}
    : { giveUpAfterMs: o.giveUp * 1000, associationMaxRetrans: FEW_RETRANS }),
  ...(o.failoverBudget === undefined ? {} : { failover: { budgetMs: o.failoverBudget } }),
});
