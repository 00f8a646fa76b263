import { describe, expect, jest } from "@jest/globals";
import type { LabLine } from "../lab/lab-process.js";
import { OPENERS } from "./both-ways.js";
import { ends, interopSuite, pathsOfPair } from "./interop-lab.js";
import { beginOverWifi, healWifiAndReturn } from "./loss-of-wifi.js";

jest.setTimeout(180_000);

/** A switch to a pair that none of these paths is part of. */
const leaves =
  (...dead: readonly string[]) =>
  (line: LabLine): boolean =>
    !pathsOfPair(line["to"]).some((path) => dead.includes(path));

const two = ["wifi", "lte"] as const;
// In this order: usrsctp goes to the next of its list, and stays there (docs/interop.md).
const three = ["wifi", "bt", "lte"] as const;

interopSuite(
  "a path is cut while both send, usrsctp at the other end",
  [],
  (test) => {
    describe.each([
      { title: "IPv6, two paths", at: ends(two, 6) },
      { title: "IPv4 and IPv6, two paths", at: ends(two, 4, 6) },
    ])("$title", ({ at }) => {
      test.each(OPENERS)("the primary is cut and healed, opened by: %s", async (run, opener) => {
        const both = await beginOverWifi(run, opener, two, at);
        const before = both.ours.said;
        await run.lab.cut("wifi");
        await both.ours.waitForPath("switched", leaves("wifi"), before);
        await both.waitForMore();
        await healWifiAndReturn(run, both, before);
      });
    });

    test.each(OPENERS)(
      "IPv4, two of three paths are cut and healed, opened by: %s",
      async (run, opener) => {
        const both = await beginOverWifi(run, opener, three, ends(three, 4));
        const before = both.ours.said;
        await run.lab.cut("lte");
        await run.lab.cut("wifi");
        await both.ours.waitForPath("switched", leaves("wifi", "lte"), before);
        expect(pathsOfPair(both.ours.current)).toEqual(["bt", "bt"]);
        await both.waitForMore();
        await run.lab.heal("lte");
        await healWifiAndReturn(run, both, before);
      },
    );
  },
  3,
);
