import { describe, expect, jest } from "@jest/globals";
import { OPENERS, ourEnd } from "./both-ways.js";
import { ends, interopSuite, pathsOfPair } from "./interop-lab.js";
import { beginOverWifi, healWifiAndReturn } from "./loss-of-wifi.js";

jest.setTimeout(180_000);

const paths = ["wifi", "lte"] as const;
const at = ends(paths, 4, 6);

interopSuite("a link goes down while both send, usrsctp at the other end", [], (test) => {
  describe.each(OPENERS)("IPv4 and IPv6, opened by: %s", (opener) => {
    const here = ourEnd(opener);
    const there = here === "host" ? "server" : "host";

    test("ours: we leave it at once, and come back with it", async (run) => {
      const look = ["--options", JSON.stringify({ interfacePollMs: 10 })];
      const both = await beginOverWifi(run, opener, paths, at, look);
      const before = both.ours.said;
      await run.lab.linkdown("wifi", here);
      // The far address on wifi is still reached, from ours on lte.
      const left = await both.ours.waitForPath(
        "switched",
        (line) => pathsOfPair(line["to"])[0] === "lte",
        before,
      );
      expect(left["cause"]).toBe("linkDown");
      await both.waitForMore();
      await healWifiAndReturn(run, both, before);
    });

    test("its: silence, which we leave as that of a cut path", async (run) => {
      const both = await beginOverWifi(run, opener, paths, at);
      const before = both.ours.said;
      await run.lab.linkdown("wifi", there);
      const left = await both.ours.waitForPath(
        "switched",
        (line) => pathsOfPair(line["to"])[1] === "lte",
        before,
      );
      expect(left["cause"]).not.toBe("linkDown");
      await both.waitForMore();
      await healWifiAndReturn(run, both, before);
    });
  });
});
