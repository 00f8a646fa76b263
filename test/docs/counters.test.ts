import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { HostCore } from "@multihome/association";
import { type Instant, SeededRandom } from "@multihome/base";
import { NodeDriver } from "@multihome/driver-node";

test("docs/counters.md lists every counter of a host and its driver, and no other", async () => {
  const host = new HostCore({ random: new SeededRandom(1) });
  host.listen(0 as Instant, { port: 5000, udpPort: 0 });
  const page = readFileSync(new URL("../../docs/counters.md", import.meta.url), "utf8");
  const listed = [...page.matchAll(/^\| `(\w+)` \|/gm)].map((m) => m[1]);
  const driver = await NodeDriver.open({ addresses: ["127.0.0.1"], nativeCrc32c: false });
  driver.close();
  const counted = { ...host.counters(), ...driver.counters };
  expect(listed.sort()).toEqual(Object.keys(counted).sort());
});
