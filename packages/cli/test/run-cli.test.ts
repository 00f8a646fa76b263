import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { cli } from "./capture-io.js";

const COMMANDS = [
  ["demo"],
  ["send"],
  ["receive"],
  ["ping"],
  ["decode"],
  ["sim"],
  ["sim", "failover"],
  ["sim", "schedules"],
  ["sim", "replay"],
];

test.each(COMMANDS)("--help of %s %s shows an example, on stdout", async (...command) => {
  const run = await cli([...command.filter((word) => word !== undefined), "--help"]);
  expect([run.status, run.stderr]).toEqual([0, ""]);
  expect(run.stdout).toContain(`Usage: multihome ${command.join(" ")}`);
  expect(run.stdout).toMatch(/\nExamples?:\n {2}multihome /);
});

test("the program's own help lists every command and the exit statuses", async () => {
  const { stdout } = await cli(["--help"]);
  for (const [command] of COMMANDS) expect(stdout).toMatch(new RegExp(`^ {2}${command} `, "m"));
  expect(stdout).toMatch(/Exit status: 0 done; 1 failed; 2 wrong arguments/);
  expect(stdout).toContain("Example:\n  multihome demo");
});

test("without a command it prints its help and fails", async () => {
  const run = await cli([]);
  expect([run.status, run.stdout]).toEqual([2, ""]);
  expect(run.stderr).toContain("Commands:");
});

test("an unknown command is refused", async () => {
  const run = await cli(["decde", "x"]);
  expect(run.status).toBe(2);
  expect(run.stderr).toContain("unknown command 'decde'");
});

test("--version is that of the package", async () => {
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  expect(await cli(["--version"])).toMatchObject({ status: 0, stdout: `${manifest.version}\n` });
});
