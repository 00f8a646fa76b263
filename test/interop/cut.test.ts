import { describe, expect, jest } from "@jest/globals";
import type { LabLine } from "../lab/lab-process.js";
import { BothWays, type Load, OPENERS, ourEnd } from "./both-ways.js";
import { ends, FAST_USRSCTP, type Interop, interopSuite, pathsOfPair } from "./interop-lab.js";

jest.setTimeout(180_000);

const MIB = 1 << 20;
const SIZE = 16_384;
const LOAD: Load = { count: (16 * MIB) / SIZE, size: SIZE, usrsctpArguments: FAST_USRSCTP };

async function shape({ lab }: Interop): Promise<void> {
  await lab.shape("wifi", { rate: "30mbit", delayMs: 15 });
  await lab.shape("lte", { rate: "30mbit", delayMs: 25 });
  await lab.shape("bt", { rate: "30mbit", delayMs: 35 });
}

/** A switch to a pair that none of these paths is part of. */
const leaves =
  (...dead: readonly string[]) =>
  (line: LabLine): boolean =>
    !pathsOfPair(line["to"]).some((path) => dead.includes(path));

interopSuite(
  "a path is lost while both send, usrsctp at the other end",
  [],
  (test) => {
    describe.each([
      { title: "IPv6, two paths", at: ends(["wifi", "lte"], 6) },
      { title: "IPv4 and IPv6, two paths", at: ends(["wifi", "lte"], 4, 6) },
    ])("$title", ({ at }) => {
      test.each(OPENERS)("the primary is cut and healed, opened by: %s", async (run, opener) => {
        await shape(run);
        const both = await BothWays.begin(run, opener, at, LOAD);
        const { ours } = both;
        await both.waitForBytes(MIB);
        const before = ours.said;
        await run.lab.cut("wifi");
        await ours.waitForPath("switched", leaves("wifi"), before);
        await both.waitForMore();
        await healAndReturn(run, both, before);
      });
    });

    // In this order: usrsctp goes to the next of its list, and stays there (docs/interop.md).
    const three = ends(["wifi", "bt", "lte"], 4);
    test.each(OPENERS)(
      "IPv4, two of three paths are cut and healed, opened by: %s",
      async (run, opener) => {
        await shape(run);
        const both = await BothWays.begin(run, opener, three, LOAD);
        const { ours } = both;
        await both.waitForBytes(MIB);
        const before = ours.said;
        await run.lab.cut("lte");
        await run.lab.cut("wifi");
        await ours.waitForPath("switched", leaves("wifi", "lte"), before);
        expect(pathsOfPair(ours.current)).toEqual(["bt", "bt"]);
        await both.waitForMore();
        await run.lab.heal("lte");
        await healAndReturn(run, both, before);
      },
    );

    describe.each(OPENERS)("opened by: %s", (opener) => {
      const at = ends(["wifi", "lte"], 4, 6);
      const here = ourEnd(opener);
      const there = here === "host" ? "server" : "host";

      test("our link goes down: we leave at once, and come back with it", async (run) => {
        await shape(run);
        const look = ["--options", JSON.stringify({ interfacePollMs: 10 })];
        const both = await BothWays.begin(run, opener, at, { ...LOAD, ourArguments: look });
        const { ours } = both;
        await both.waitForBytes(MIB);
        const before = ours.said;
        await run.lab.linkdown("wifi", here);
        // The far address on wifi is still reached, from ours on lte.
        const left = await ours.waitForPath(
          "switched",
          (line) => pathsOfPair(line["to"])[0] === "lte",
          before,
        );
        expect(left["cause"]).toBe("linkDown");
        await both.waitForMore();
        await healAndReturn(run, both, before);
      });

      test("its link goes down: silence, which we leave as that of a cut path", async (run) => {
        await shape(run);
        const both = await BothWays.begin(run, opener, at, LOAD);
        const { ours } = both;
        await both.waitForBytes(MIB);
        const before = ours.said;
        await run.lab.linkdown("wifi", there);
        const left = await ours.waitForPath(
          "switched",
          (line) => pathsOfPair(line["to"])[1] === "lte",
          before,
        );
        expect(left["cause"]).not.toBe("linkDown");
        await both.waitForMore();
        await healAndReturn(run, both, before);
      });
    });

    /** Heals wifi, sees our side return to the pair that it left first, and all arrive. */
    async function healAndReturn(run: Interop, both: BothWays, from: number): Promise<void> {
      const first = await both.ours.waitForPath("switched", () => true, from);
      const primary = String(first["from"]);
      expect(pathsOfPair(primary)).toEqual(["wifi", "wifi"]);
      expect(both.underWay).toBe(true);
      await run.lab.heal("wifi");
      await both.ours.waitForCurrent(primary);
      expect(both.ours.switches.at(-1)).toMatchObject({ cause: "switchback" });
      await both.finish();
    }
  },
  3,
);
