import { createHash, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { requireTools } from "../support/requirements.js";
import { LAB_NEEDS, Lab } from "./lab.js";

jest.setTimeout(60_000);

// RTO.Min no nearer to the round trip: it forgets T3-rtx then, now and then (docs/interop.md).
const FAST = ["--rto", "500,500,1000", "--hb", "500", "--path-rtx", "2"];
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

requireTools(...LAB_NEEDS, "ping")("the lab", () => {
  let lab: Lab;
  beforeEach(async () => {
    lab = await Lab.up({ paths: 2 });
  });
  afterEach(() => lab.down());

  const reaches = (path: "wifi" | "lte"): Promise<boolean> =>
    lab
      .run("host", [
        "ping",
        "-n",
        "-c",
        "1",
        "-W",
        "1",
        "-I",
        Lab.address("host", path),
        Lab.address("server", path),
      ])
      .then(
        () => true,
        () => false,
      );

  test("cuts and heals each path by itself", async () => {
    expect([await reaches("wifi"), await reaches("lte")]).toEqual([true, true]);
    await lab.cut("wifi");
    expect([await reaches("wifi"), await reaches("lte")]).toEqual([false, true]);
    await lab.heal("wifi");
    await lab.cut("lte", { side: "host", direction: "down" });
    expect([await reaches("wifi"), await reaches("lte")]).toEqual([true, false]);
    await lab.heal("lte");
    await lab.linkdown("lte");
    expect([await reaches("wifi"), await reaches("lte")]).toEqual([true, false]);
    await lab.heal("lte");
    expect([await reaches("wifi"), await reaches("lte")]).toEqual([true, true]);
  });

  test("two usrsctp peers keep their echo going over UDP when the primary path is cut", async () => {
    const count = 200;
    const server = await lab.usrsctp("server", [
      "echo",
      "--quiet",
      "--local",
      lab.addresses("server").join(),
      "--encaps",
      "9899",
      "--accept",
      "1",
      ...FAST,
    ]);
    await server.waitFor("listening");
    const client = await lab.usrsctp("host", [
      "send",
      "--local",
      lab.addresses("host").join(),
      "--peer",
      lab.addresses("server").join(),
      "--encaps",
      "9899",
      "--count",
      String(count),
      "--size",
      "500",
      "--gap",
      "25",
      "--wait-echo",
      ...FAST,
    ]);
    const primary = Lab.address("server", "wifi");
    await client.waitFor((line) => line["ev"] === "msg" && line["ssn"] === 20);
    const before = client.events("msg").length;
    await lab.cut("wifi");
    await client.waitFor(
      (line) =>
        line["ev"] === "path" && line["addr"] === primary && line["state"] === "unreachable",
    );
    await client.end();
    await server.end();
    const echoes = client.events("msg");
    expect(before).toBeLessThan(count);
    expect(echoes).toHaveLength(count);
    expect(echoes.map((line) => line["ssn"])).toEqual([...echoes.keys()]);
    expect(client.events("stats")[0]).toMatchObject({ bad_checksum: 0, bad_vtag: 0 });
  });

  test("a file goes from one usrsctp peer to the other over a shaped path", async () => {
    const sent = join(lab.folder, "sent");
    const received = join(lab.folder, "received");
    writeFileSync(sent, randomBytes(1_000_001));
    await lab.shape("wifi", { rate: "50mbit", delayMs: 5, lossPercent: 0.5 });
    const server = await lab.usrsctp("server", [
      "discard",
      "--quiet",
      "--local",
      Lab.address("server", "wifi"),
      "--encaps",
      "9899",
      "--accept",
      "1",
      "--out",
      received,
      ...FAST,
    ]);
    await server.waitFor("listening");
    const client = await lab.usrsctp("host", [
      "send",
      "--local",
      Lab.address("host", "wifi"),
      "--peer",
      Lab.address("server", "wifi"),
      "--encaps",
      "9899",
      "--in",
      sent,
      "--size",
      "10000",
      ...FAST,
    ]);
    expect(await client.end()).toEqual({ code: 0, signal: null });
    expect(await server.end()).toEqual({ code: 0, signal: null });
    expect(client.events("sent")[0]).toMatchObject({ messages: 101 });
    expect(sha256(readFileSync(received))).toBe(sha256(readFileSync(sent)));
  });
});

requireTools(...LAB_NEEDS)("a program in the lab", () => {
  test("that ends or stays silent fails the wait for its word, with its output", async () => {
    const lab = await Lab.up({ paths: 1 });
    try {
      const gone = lab.spawn("host", ["sh", "-c", `echo '{"ev":"one"}'; echo oops >&2`]);
      await expect(gone.waitFor("two")).rejects.toThrow(/ended before "two"\n\{"ev":"one"\}\noops/);
      const silent = lab.spawn("host", ["cat"]);
      await expect(silent.waitFor("x", { timeoutMs: 50 })).rejects.toThrow(
        /did not come within 50/,
      );
      silent.write('{"ev":"x"}\n');
      expect(await silent.waitFor("x")).toEqual({ ev: "x" });
      silent.endInput();
      expect(await silent.end()).toEqual({ code: 0, signal: null });
    } finally {
      await lab.down();
    }
  });
});
