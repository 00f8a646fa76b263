import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { HostCore } from "@multihome/association";
import { type Instant, SeededRandom } from "@multihome/base";
import { NodeDriver } from "@multihome/driver-node";
import { TwoHosts } from "@multihome/netsim";

const page = readFileSync(new URL("../../docs/counters.md", import.meta.url), "utf8");
const [real = "", simulated = ""] = page.split("\n## Of the simulator\n");

/** The names in the first column of the tables of a text. */
const listed = (text: string): string[] =>
  [...text.matchAll(/^\| (`\w+`(?:, `\w+`)*) \|/gm)].flatMap((m) =>
    [...(m[1] ?? "").matchAll(/`(\w+)`/g)].map((name) => name[1] ?? ""),
  );

/** The names in the table under a heading of the simulator's part. */
const listedUnder = (heading: string): string[] =>
  listed(simulated.split(`### ${heading}\n`)[1]?.split("\n### ")[0] ?? "");

test("docs/counters.md lists every counter of a host and its driver, and no other", async () => {
  const host = new HostCore({ random: new SeededRandom(1) });
  host.listen(0 as Instant, { port: 5000, udpPort: 0 });
  const driver = await NodeDriver.open({ addresses: ["127.0.0.1"], nativeCrc32c: false });
  driver.close();
  const counted = { ...host.counters(), ...driver.counters };
  expect(listed(real).sort()).toEqual(Object.keys(counted).sort());
});

describe("docs/counters.md lists every counter of the simulator, and no other", () => {
  const net = new TwoHosts({ paths: [{ nat: true }, {}], mesh: true });
  const link = net.paths[0]?.link.aToZ;
  const nat = net.paths[0]?.nat;
  test.each([
    ["Link, one direction", link?.counters],
    ["Link, dropped", link?.dropped],
    ["Router", net.core?.counters],
    ["NAT", nat?.counters],
    ["Host", net.a.counters],
  ])("%s", (heading, counters) => {
    expect(listedUnder(heading).sort()).toEqual(Object.keys(counters ?? {}).sort());
  });

  test("and has no other part", () => {
    expect([...simulated.matchAll(/^### (.*)$/gm)]).toHaveLength(5);
  });
});
