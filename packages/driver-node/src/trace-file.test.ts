import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import type { Instant } from "@multihome/base";
import { TraceFile } from "./trace-file.js";

const folder = mkdtempSync(join(tmpdir(), "multihome-trace-file-"));
afterAll(() => rmSync(folder, { recursive: true }));

const event = (at: number, text = ""): { at: Instant; kind: string; text: string } => ({
  at: at as Instant,
  kind: "note",
  text,
});

describe("TraceFile", () => {
  test("writes a line for each event, in order, readable by its owner only", () => {
    const path = join(folder, "a.trace");
    const file = TraceFile.open(path);
    for (let i = 0; i < 5000; i++) file.sink(event(i, "x".repeat(i % 100)));
    file.close();
    file.close();
    file.sink(event(9, "too late"));
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).at)).toEqual(lines.map((_, i) => i));
    expect([lines.length, file.lines, file.error]).toEqual([5000, 5000, undefined]);
    expect(statSync(path).mode & 0o077).toBe(0);
  });

  test("holds back no more than 64 KiB", () => {
    const path = join(folder, "b.trace");
    const file = TraceFile.open(path);
    let written = 0;
    for (let i = 0; i < 3000; i++) {
      file.sink(event(i, "y".repeat(100)));
      written += JSON.stringify(event(i, "y".repeat(100))).length + 1;
      expect(written - statSync(path).size).toBeLessThanOrEqual(1 << 16);
    }
    file.flush();
    expect(statSync(path).size).toBe(written);
    file.close();
  });

  test("a folder that is not there throws the system's error", () => {
    expect(() => TraceFile.open(join(folder, "no", "x"))).toThrow(/ENOENT/);
  });

  (process.platform === "linux" ? test : test.skip)(
    "a full disk ends the trace, not the program, and is told",
    () => {
      const file = TraceFile.open("/dev/full");
      file.sink(event(1));
      file.flush();
      file.sink(event(2));
      expect(file.error?.message).toMatch(/ENOSPC/);
      expect(file.lines).toBe(1);
      file.close();
    },
  );
});
