import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { HostCore } from "@multihome/association";
import { type Instant, SeededRandom } from "@multihome/base";

test("docs/counters.md lists every counter of a host, and no other", () => {
  const host = new HostCore({ random: new SeededRandom(1) });
  host.listen(0 as Instant, { port: 5000, udpPort: 0 });
  const page = readFileSync(new URL("../../docs/counters.md", import.meta.url), "utf8");
  const listed = [...page.matchAll(/^\| `(\w+)` \|/gm)].map((m) => m[1]);
  expect(listed.sort()).toEqual(Object.keys(host.counters()).sort());
});
