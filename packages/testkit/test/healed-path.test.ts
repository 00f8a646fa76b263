import { expect, test } from "@jest/globals";
import { Pair } from "../src/index.js";

// The first path is dead for a while and healed; soon after the second dies. The first had to be found
// alive: it once took seconds, for its HEARTBEATs had backed off.

test.each([
  [1500, 100],
  [3500, 100],
  [3500, 600],
  [6000, 200],
])(
  "dead for %p ms, healed, and %p ms later the other path dies: less than 1.5 s without messages",
  (deadMs, laterMs) => {
    const pair = new Pair({ seed: 0, topology: { delaysMs: [10, 25] } });
    pair.connect();
    const talk = (ms: number): void => {
      for (let t = 0; t < ms; t += 10) {
        pair.apply({ op: "send", side: "a", bytes: 1200 });
        pair.apply({ op: "advance", ms: 10 });
      }
    };
    talk(500);
    pair.apply({ op: "cut", path: 0 });
    talk(deadMs);
    pair.apply({ op: "heal", path: 0 });
    talk(laterMs);
    pair.apply({ op: "cut", path: 1 });
    talk(8000);
    const times = pair.z.received.map((d) => d.at);
    let longest = 0;
    for (let i = 1; i < times.length; i++) {
      longest = Math.max(longest, ((times[i] as number) - (times[i - 1] as number)) / 1000);
    }
    expect(pair.z.received.length).toBeGreaterThan((500 + deadMs + laterMs + 7000) / 10);
    expect(longest).toBeLessThan(1500);
  },
);
