import type { Violation } from "@multihome/testkit";
import type { Console } from "../output/console.js";
import { formatMs } from "../output/units.js";

/** What oracles found, for a person. */
export async function printViolations(
  console: Console,
  violations: readonly Violation[],
): Promise<void> {
  const c = console.colours;
  for (const v of violations) {
    await console.line(`  ${c.red(v.oracle)} at ${formatMs(v.at / 1000)}: ${v.detail}`);
  }
}
