import { describe, jest } from "@jest/globals";
import { BothWays } from "./both-ways.js";
import { ends, interopSuite } from "./interop-lab.js";

jest.setTimeout(180_000);

const SIZE = 65_536;
const COUNT = (100 << 20) / SIZE;
const LOAD = { count: COUNT, size: SIZE, ourCount: COUNT };
const TIMEOUT_MS = 150_000;

const two = ["wifi", "lte"] as const;
const three = ["wifi", "lte", "bt"] as const;

interopSuite(
  "100 MiB each way at the same time, with usrsctp",
  [],
  (test) => {
    describe.each([
      { title: "IPv4, two paths", opener: "we", at: ends(two, 4) },
      { title: "IPv4 and IPv6, three paths", opener: "we", at: ends(three, 4, 6) },
      { title: "IPv6, three paths", opener: "usrsctp", at: ends(three, 6) },
      { title: "IPv4 and IPv6, two paths", opener: "usrsctp", at: ends(two, 4, 6) },
    ] as const)("$title", ({ opener, at }) => {
      test(`opened by: ${opener}`, async (run) => {
        const both = await BothWays.begin(run, opener, at, LOAD);
        await both.finish(TIMEOUT_MS);
      });
    });
  },
  3,
);
