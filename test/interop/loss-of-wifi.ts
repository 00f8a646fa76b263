import { expect } from "@jest/globals";
import type { LabPath } from "../lab/lab.js";
import { BothWays, type Load, type Opener } from "./both-ways.js";
import { type Ends, FAST_USRSCTP, type Interop, pathsOfPair } from "./interop-lab.js";

const MIB = 1 << 20;
const SIZE = 16_384;
const LOAD: Load = { count: (14 * MIB) / SIZE, size: SIZE, usrsctpArguments: FAST_USRSCTP };
const ONE_WAY_MS = { wifi: 15, lte: 25, bt: 35 } as const;

/** Gives the paths a shape, opens an association over wifi, and waits until both ends' data flows. */
export async function beginOverWifi(
  run: Interop,
  opener: Opener,
  paths: readonly LabPath[],
  at: Ends,
  ourArguments: readonly string[] = [],
): Promise<BothWays> {
  for (const path of paths) {
    await run.lab.shape(path, { rate: "30mbit", delayMs: ONE_WAY_MS[path] });
  }
  const both = await BothWays.begin(run, opener, at, { ...LOAD, ourArguments });
  await both.waitForBytes(MIB);
  return both;
}

/**
 * Heals wifi, sees our side return to the pair that it left first, and all arrive.
 * @param from the number of our line from which on it may have left
 */
export async function healWifiAndReturn(run: Interop, both: BothWays, from: number): Promise<void> {
  const first = await both.ours.waitForPath("switched", () => true, from);
  const primary = String(first["from"]);
  expect(pathsOfPair(primary)).toEqual(["wifi", "wifi"]);
  expect(both.underWay).toBe(true);
  await run.lab.heal("wifi");
  await both.ours.waitForCurrent(primary);
  expect(both.ours.switches.at(-1)).toMatchObject({ cause: "switchback" });
  await both.finish();
}
