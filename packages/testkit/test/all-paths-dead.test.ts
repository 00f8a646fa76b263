import { describe, expect, test } from "@jest/globals";
import { Pair, type TestPeer } from "../src/index.js";

const DEAD_MS = 60_000;

/** Both paths die and heal a minute later, while a sends; then some time to recover. */
function bothDie(pair: Pair): { readonly diedAt: number; readonly healedAt: number } {
  pair.connect();
  const talk = (ms: number): void => {
    for (let t = 0; t < ms; t += 50) {
      pair.apply({ op: "send", side: "a", bytes: 1000 });
      pair.apply({ op: "advance", ms: 50 });
    }
  };
  talk(1000);
  const diedAt = pair.now;
  for (let path = 0; path < pair.pathCount; path++) pair.apply({ op: "cut", path });
  talk(DEAD_MS);
  const healedAt = pair.now;
  for (let path = 0; path < pair.pathCount; path++) pair.apply({ op: "heal", path });
  talk(3000);
  return { diedAt, healedAt };
}

const switches = (peer: TestPeer): number[] =>
  peer.node.log.flatMap((e) => (e.kind === "path" && e.event.kind === "switched" ? [e.at] : []));

describe.each([2, 3])("all of %d paths are dead for a minute", (paths) => {
  const delaysMs = [10, 25, 40].slice(0, paths);

  test("no switch is told from one dead path to another (RFC 7829 s3.2 rule 4, s4.1)", () => {
    for (const seed of [1, 2, 3]) {
      const pair = new Pair({ seed, topology: { delaysMs } });
      const { diedAt, healedAt } = bothDie(pair);
      for (const peer of [pair.a, pair.z]) {
        const told = switches(peer).filter((at) => at >= diedAt && at < healedAt);
        // While one fails others are still thought to live, until their HEARTBEATs have not been answered.
        expect(told.length).toBeLessThanOrEqual(2 * paths);
        expect(told.filter((at) => at >= diedAt + 1_500_000)).toEqual([]);
      }
    }
  });

  test("half a second after they have healed messages arrive again, and the primary is used", () => {
    for (const seed of [1, 2, 3]) {
      const pair = new Pair({ seed, topology: { delaysMs } });
      const { healedAt } = bothDie(pair);
      const first = pair.z.received.find((d) => d.at > healedAt);
      expect(first?.at).toBeLessThan(healedAt + 500_000);
      for (const { id, node } of [pair.a, pair.z]) {
        const primary = id === undefined ? undefined : node.core.paths(id)[0];
        expect(primary?.stateKind).toBe("active");
        expect(id === undefined ? undefined : node.core.currentPath(id)?.id).toBe(primary?.id);
      }
      expect(pair.z.received.length).toBeGreaterThan((DEAD_MS + 3000) / 50);
    }
  });
});
