// Generated fault schedules against a rule of your own: every message within two seconds of virtual time.
// The rule is too strict (a schedule may cut both paths), so the smallest schedule that breaks it is printed.
import { type Oracle, runSchedules } from "@multihome/testkit";

const LIMIT_MS = 2000;

const prompt: Oracle = {
  name: "prompt",
  watch: (pair) => ({
    end() {
      for (const [from, to] of [[pair.a, pair.z] as const, [pair.z, pair.a] as const]) {
        for (const { index, at } of to.received) {
          const waitedMs = (at - (from.sent[index]?.acceptedAt ?? at)) / 1000;
          if (waitedMs > LIMIT_MS) return `message ${index} of ${from.side} took ${waitedMs} ms`;
        }
      }
      return undefined;
    },
  }),
};

const { ran, first } = runSchedules({
  count: 300,
  seed: 1,
  paths: 2,
  kinds: ["advance", "send", "cut", "heal"],
  oracles: [prompt],
});
console.log(`${ran} schedules ran`);
if (first !== undefined) {
  console.log(`broken by ${first.violations[0]?.detail}, with these operations:`);
  for (const op of first.schedule.ops) console.log(" ", JSON.stringify(op));
  console.log(`again: ${first.replay}`);
}
