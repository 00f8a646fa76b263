import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseSchedule } from "./parse-schedule.js";
import { STANDARD_KINDS, scheduleArbitrary } from "./schedule-arbitrary.js";

test("takes back what JSON makes of any schedule", () => {
  const kinds = [...STANDARD_KINDS, "abort", "fault", "user"] as const;
  fc.assert(
    fc.property(scheduleArbitrary({ paths: 3, kinds }), (schedule) => {
      expect(parseSchedule(JSON.stringify(schedule))).toEqual(schedule);
    }),
    { numRuns: 300, seed: 1 },
  );
});

test.each([
  ['{"seed":1,"topology":{"delaysMs":[1]}}', "schedule.ops: got nothing, expected a list"],
  ['{"seed":1,"topology":{"delaysMs":[1]},"ops":[7]}', "ops[0].op: got nothing"],
  [
    '{"seed":1,"topology":{"delaysMs":[1]},"ops":[{"op":"outage","ms":-1}]}',
    "ops[0].ms: got -1, expected milliseconds from 0",
  ],
  [
    '{"seed":1,"topology":{"delaysMs":[1],"loss":1},"ops":[]}',
    "topology.loss: not known, expected delaysMs",
  ],
])("%s is refused: %s", (text, words) => {
  expect(() => parseSchedule(text)).toThrow(words);
});
