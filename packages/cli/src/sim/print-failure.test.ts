import { spawnSync } from "node:child_process";
import { expect, test } from "@jest/globals";
import { EPOCH } from "@multihome/base";
import type { Schedule } from "@multihome/testkit";
import { consoleWith } from "../../test/console.js";
import { failureObject, printFailure } from "./print-failure.js";

const schedule: Schedule = {
  seed: 7,
  topology: { delaysMs: [10, 25] },
  ops: [
    { op: "cut", path: 0 },
    { op: "user", name: "it's quoted" },
  ],
};
const failure = {
  schedule,
  violations: [{ oracle: "exactlyOnce", at: EPOCH, detail: "message 3 was lost" }],
  original: { ...schedule, ops: [...schedule.ops, ...schedule.ops] },
  run: 12,
  seed: 1,
  path: "12:0",
  replay: "replay(...)",
};

test("a failing schedule is told with its operations and how to run it again", async () => {
  const { console, stdout } = consoleWith();
  await printFailure(console, failure);
  expect(stdout()).toContain("exactlyOnce at 0.000 ms: message 3 was lost");
  expect(stdout()).toContain("(2 of 4 operations)");
  expect(stdout()).toMatch(/cut +{"path":0}/);
});

const posix = process.platform === "win32" ? test.skip : test;
posix("the command is quoted for a shell", () => {
  const { replay } = JSON.parse(JSON.stringify(failureObject(failure)));
  const [, ...rest] = String(replay).split(" ");
  const argument = spawnSync("sh", ["-c", `printf %s ${rest.slice(2).join(" ")}`], {
    encoding: "utf8",
  });
  expect(JSON.parse(argument.stdout)).toEqual(schedule);
});
