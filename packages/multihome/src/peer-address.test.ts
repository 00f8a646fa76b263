import { describe, expect, test } from "@jest/globals";
import { resolvePeer } from "./peer-address.js";

describe("resolvePeer", () => {
  test.each<[string | readonly string[], readonly string[]]>([
    ["192.0.2.1:5000", ["192.0.2.1:5000"]],
    ["[2001:db8::1]:5000", ["[2001:db8::1]:5000"]],
    ["192.0.2.1:5000, [2001:DB8:0::1]:5000", ["192.0.2.1:5000", "[2001:db8::1]:5000"]],
    [
      ["192.0.2.1:5000", "198.51.100.1:5000"],
      ["192.0.2.1:5000", "198.51.100.1:5000"],
    ],
    [["192.0.2.1:5000", "192.0.2.1:5000"], ["192.0.2.1:5000"]],
    ["[::ffff:192.0.2.1]:1", ["192.0.2.1:1"]],
  ])("%j is %j", async (to, texts) => {
    const peer = await resolvePeer(to);
    expect(peer.texts).toEqual(texts);
    expect(peer.remotes).toHaveLength(texts.length);
  });

  test("a name stands for all of its addresses", async () => {
    const peer = await resolvePeer("localhost:5000");
    expect(peer.port).toBe(5000);
    expect(peer.texts.some((t) => t === "127.0.0.1:5000" || t === "[::1]:5000")).toBe(true);
  });

  test.each([
    "192.0.2.1",
    "192.0.2.1:0",
    "192.0.2.1:65536",
    "2001:db8::1:5000",
    "[2001:db8::1]",
    ":5000",
    "",
    "a b:5000:1",
  ])("%j is refused with what is expected", async (to) => {
    await expect(resolvePeer(to)).rejects.toMatchObject({
      code: "invalidAddress",
      message: expect.stringContaining(JSON.stringify(to)),
    });
  });

  test("no address at all is refused", async () => {
    await expect(resolvePeer([])).rejects.toMatchObject({ code: "invalidAddress" });
  });

  test("addresses of one peer have one port", async () => {
    await expect(resolvePeer(["192.0.2.1:5000", "198.51.100.1:5001"])).rejects.toMatchObject({
      code: "portsDiffer",
      message: expect.stringMatching(/5000.*5001/),
    });
  });

  test("a name that nobody knows is told", async () => {
    await expect(resolvePeer("no-such-host.invalid:5000")).rejects.toMatchObject({
      code: "nameNotFound",
      message: expect.stringContaining("no-such-host.invalid"),
    });
  });
});
