import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { findOutputPlace } from "./output-place.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "multihome-place-"));
});
afterEach(() => rm(folder, { recursive: true }));

const offer = (name: string): { name: string; size: undefined } => ({ name, size: undefined });

describe("--out", () => {
  test("- is standard output", async () => {
    const stdout = new PassThrough();
    const place = await findOutputPlace("-", stdout);
    const output = await place.open(offer("x"));
    await output.write(new TextEncoder().encode("hello"));
    await output.commit();
    expect(stdout.read()?.toString()).toBe("hello");
  });

  test("a file has the name that we gave it", async () => {
    const place = await findOutputPlace(join(folder, "mine"), new PassThrough());
    await (await place.open(offer("theirs"))).commit();
    expect(readdirSync(folder)).toEqual(["mine"]);
  });

  test("a folder that is not there is told at once", async () => {
    await expect(findOutputPlace(join(folder, "no", "x"), new PassThrough())).rejects.toMatchObject(
      {
        code: "folderNotFound",
      },
    );
  });

  test("a folder takes a file under the sender's name", async () => {
    const place = await findOutputPlace(folder, new PassThrough());
    await (await place.open(offer("Überraschung 1.txt"))).commit();
    expect(readdirSync(folder)).toEqual(["Überraschung 1.txt"]);
  });

  test("a folder's files are not replaced", async () => {
    writeFileSync(join(folder, "x"), "old");
    const place = await findOutputPlace(folder, new PassThrough());
    await expect(place.open(offer("x"))).rejects.toMatchObject({ code: "fileExists" });
    expect(readFileSync(join(folder, "x"), "utf8")).toBe("old");
  });

  test.each([
    "",
    ".",
    "..",
    ".bashrc",
    "../x",
    "/etc/passwd",
    "a\\b",
    "c:x",
    "nul",
    "COM1.txt",
    "a\nb",
  ])("a folder takes no file called %j", async (name) => {
    const place = await findOutputPlace(folder, new PassThrough());
    await expect(place.open(offer(name))).rejects.toMatchObject({ code: "badFileName" });
    expect(readdirSync(folder)).toEqual([]);
  });
});
