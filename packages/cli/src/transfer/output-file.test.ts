import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { openOutputFile, streamOutput } from "./output-file.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "multihome-output-"));
});
afterEach(() => rm(folder, { recursive: true }));

const bytes = (words: string): Uint8Array => new TextEncoder().encode(words);

describe("a file that is received", () => {
  test("appears under its name only when it is complete", async () => {
    const path = join(folder, "x");
    const output = await openOutputFile(path);
    await output.write(bytes("hello "));
    await output.write(bytes("world"));
    expect(existsSync(path)).toBe(false);
    await output.commit();
    expect(readFileSync(path, "utf8")).toBe("hello world");
    await output.discard();
    expect(readdirSync(folder)).toEqual(["x"]);
  });

  test("leaves the old file alone, and nothing else, when it is discarded", async () => {
    const path = join(folder, "x");
    writeFileSync(path, "old");
    const output = await openOutputFile(path);
    await output.write(bytes("new"));
    await output.discard();
    expect([readdirSync(folder), readFileSync(path, "utf8")]).toEqual([["x"], "old"]);
  });

  test("replaces what a link points to, not the link", async () => {
    mkdirSync(join(folder, "deep"));
    writeFileSync(join(folder, "deep", "x"), "old");
    symlinkSync(join("deep", "x"), join(folder, "link"));
    const output = await openOutputFile(join(folder, "link"));
    await output.write(bytes("new"));
    await output.commit();
    expect(readFileSync(join(folder, "deep", "x"), "utf8")).toBe("new");
    expect(readdirSync(folder).sort()).toEqual(["deep", "link"]);
  });

  test("goes nowhere where there is no folder, or where a folder is", async () => {
    await expect(openOutputFile(join(folder, "no", "x"))).rejects.toMatchObject({
      code: "folderNotFound",
    });
    await expect(openOutputFile(folder)).rejects.toMatchObject({ code: "isDirectory" });
  });

  const fullDisk = existsSync("/dev/full") ? test : test.skip;
  fullDisk("a device is written directly, and a full disk is told", async () => {
    const output = await openOutputFile("/dev/full");
    await expect(output.write(bytes("x"))).rejects.toMatchObject({ code: "diskFull" });
    await output.discard();
    expect(existsSync("/dev/full")).toBe(true);
  });
});

test("a stream takes what is written, as fast as it is read", async () => {
  const stream = new PassThrough({ highWaterMark: 4 });
  const output = streamOutput(stream, "standard output");
  let written = false;
  const writing = output.write(bytes("123456")).then(() => {
    written = true;
  });
  expect(written).toBe(false);
  expect(stream.read()?.toString()).toBe("123456");
  await writing;
});
