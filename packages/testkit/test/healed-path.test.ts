import { expect, test } from "@jest/globals";
import { type Op, Pair } from "../src/index.js";

// The first path is dead for a while and healed; soon after the second dies. The first has to be found
// alive: it once took seconds, for its HEARTBEATs had backed off, or for the receiver of the data, who had
// nothing to ask about, went on to acknowledge over the second.

function longestGapMs(pair: Pair): number {
  let longest = 0;
  for (const { received } of [pair.a, pair.z]) {
    for (const [i, d] of received.entries()) {
      const before = received[i - 1];
      if (before !== undefined) longest = Math.max(longest, (d.at - before.at) / 1000);
    }
  }
  return longest;
}

const senders: Readonly<Record<string, readonly Op[]>> = {
  a: [{ op: "send", side: "a", bytes: 1200 }],
  z: [{ op: "send", side: "z", bytes: 1200 }],
  both: [
    { op: "send", side: "a", bytes: 1200 },
    { op: "send", side: "z", bytes: 1200 },
  ],
};

for (const [who, sends] of Object.entries(senders)) {
  test.each([
    [1500, 0],
    [3500, 100],
    [3500, 600],
    [6000, 0],
    [6000, 200],
  ])(
    `dead for %p ms, healed, and %p ms later the other path dies: 150 ms without messages at most, sent by ${who}`,
    (deadMs, laterMs) => {
      for (const seed of [0, 1]) {
        const pair = new Pair({ seed, topology: { delaysMs: [10, 25] } });
        pair.connect();
        const talk = (ms: number): void => {
          for (let t = 0; t < ms; t += 10) {
            for (const op of sends) pair.apply(op);
            pair.apply({ op: "advance", ms: 10 });
          }
        };
        talk(500);
        pair.apply({ op: "cut", path: 0 });
        talk(deadMs);
        pair.apply({ op: "heal", path: 0 });
        talk(laterMs);
        pair.apply({ op: "cut", path: 1 });
        talk(3000);
        const count = pair.a.received.length + pair.z.received.length;
        expect(count).toBeGreaterThan((sends.length * (500 + deadMs + laterMs + 2500)) / 10);
        expect(longestGapMs(pair)).toBeLessThanOrEqual(150);
      }
    },
  );
}
