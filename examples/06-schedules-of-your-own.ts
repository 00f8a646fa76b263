// Generated fault schedules with a rule and a fault of your own. The rule: every message within two seconds of
// virtual time. The fault: a thunderstorm over every path. The rule is too strict for the fault, so the smallest
// schedule that breaks it is printed.
import { type Op, type Oracle, runSchedules, type UserOp } from "@multihome/testkit";
import fc from "fast-check";

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

/** For the seconds that are its value, every path loses 19 of 20 packets. */
const thunderstorm: UserOp = (pair, { value }) => {
  const lossOf = (percent: number): void => {
    for (let path = 0; path < pair.pathCount; path++) pair.apply({ op: "loss", path, percent });
  };
  lossOf(95);
  pair.advance(1000 * Number(value));
  lossOf(0);
};
const storms: fc.Arbitrary<Op> = fc.record({
  op: fc.constant("user" as const),
  name: fc.constant("thunderstorm"),
  value: fc.integer({ min: 1, max: 10 }),
});

const { ran, first } = runSchedules({
  count: 300,
  seed: 1,
  paths: 2,
  kinds: ["advance", "send"],
  moreOps: [storms],
  userOps: { thunderstorm },
  oracles: [prompt],
});
console.log(`${ran} schedules ran`);
if (first !== undefined) {
  console.log(`broken by ${first.violations[0]?.detail}, with these operations:`);
  for (const op of first.schedule.ops) console.log(" ", JSON.stringify(op));
  console.log(`again: ${first.replay}`);
}
