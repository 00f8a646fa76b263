import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { cli, objects } from "./capture-io.js";

const folder = fileURLToPath(new URL("../../../test/recordings", import.meta.url));
const file = (name: string): string => `${folder}/${name}`;
const expected: Record<string, { packets: number }> = JSON.parse(
  readFileSync(file("expected.json"), "utf8"),
);

describe("decode", () => {
  test("--summary --json tells what is known of every recording", async () => {
    const names = readdirSync(folder).filter((name) => name.endsWith(".pcap"));
    expect(names.length).toBeGreaterThan(40);
    for (const name of names) {
      const run = await cli(["decode", file(name), "--summary", "--json"]);
      expect([name, run.status, objects(run)]).toEqual([name, 0, [expected[name]]]);
    }
  });

  test("prints a line with the time for each packet", async () => {
    const run = await cli(["decode", file("sctp-abort.pcap")]);
    const lines = run.stdout.trimEnd().split("\n");
    expect(run.status).toBe(0);
    expect(lines).toHaveLength(8);
    expect(lines[0]).toMatch(/^ {4}1 {4}0\.000000 {2}IP 10\.1\.0\.2 > 10\.1\.1\.2.*INIT/);
    expect(lines[6]).toMatch(/^ {4}7 {4}0\.\d{6} .*ABORT userInitiatedAbort/);
    expect(run.stdout).not.toContain("\x1b");
  });

  test("--json gives one object per packet, with offsets that count from its first byte", async () => {
    const run = await cli(["decode", file("sctp-abort.pcap"), "--json", "--count", "3"]);
    const packets = objects(run);
    expect(packets).toHaveLength(3);
    expect(packets[2]).toMatchObject({
      number: 3,
      linkType: "ETHERNET",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
      tree: {
        name: "packet",
        at: 0,
        children: [
          { name: "ethernet", at: 0 },
          { name: "ipv4", at: 14 },
          { name: "sctp", at: 34 },
        ],
      },
    });
  });

  test("--tree shows the fields under the line", async () => {
    const run = await cli(["decode", file("sctp-abort.pcap"), "--tree", "--count", "1"]);
    expect(run.stdout).toContain("initiateTag: ");
    expect(run.stdout).toContain("checksum: ");
  });

  test("--summary without --json is a table", async () => {
    const run = await cli(["decode", file("sctp-abort.pcap"), "--summary"]);
    expect(run.stdout).toMatch(/^packets +8$/m);
    expect(run.stdout).toMatch(/^sctp_chunks +ABORT 2/m);
  });

  test("reads standard input, in pieces", async () => {
    const bytes = readFileSync(file("sctp-loss.pcap"));
    const pieces = [bytes.subarray(0, 7), bytes.subarray(7, 5000), bytes.subarray(5000)];
    const run = await cli(["decode", "-", "--summary", "--json"], pieces);
    expect(objects(run)).toEqual([expected["sctp-loss.pcap"]]);
  });

  test("--udp-port finds SCTP on other ports than 9899", async () => {
    const bytes = Buffer.from(readFileSync(file("sctp-ipv6-udp.pcap")));
    for (let i = 0; i < bytes.length - 1; i++) {
      if (bytes.readUInt16BE(i) === 9899) bytes.writeUInt16BE(5999, i);
    }
    const without = await cli(["decode", "-", "--summary", "--json"], [bytes]);
    const run = await cli(["decode", "-", "--summary", "--json", "--udp-port", "5999"], [bytes]);
    expect(objects(without)[0]).not.toHaveProperty("sctp_chunks");
    expect(objects(run)[0]).toHaveProperty("sctp_chunks.INIT", 1);
  });

  test("a file that is cut short is printed as far as it goes, then told", async () => {
    const bytes = readFileSync(file("sctp-abort.pcap"));
    const run = await cli(["decode", "-", "--json"], [bytes.subarray(0, 500)]);
    expect(run.status).toBe(1);
    expect(objects(run)).toMatchObject([
      { number: 1 },
      { ok: false, code: "brokenCapture", details: { reason: "truncated", packets: 1 } },
    ]);
    expect(run.stderr).toContain("[brokenCapture]");
  });

  test.each([
    [["decode", "no-such-file"], 1, "fileNotFound"],
    [["decode", folder], 1, "isDirectory"],
    [["decode", file("README.md")], 1, "notACapture"],
    [["decode"], 2, "usage"],
    [["decode", "x", "--count", "-1"], 2, "usage"],
    [["decode", "x", "--udp-port", "9899,70000"], 2, "usage"],
    [["decode", "x", "--nonsense"], 2, "usage"],
  ])("%j ends with status %d and code %s", async (argv, status, code) => {
    const run = await cli([...argv, "--json"]);
    expect([run.status, objects(run).at(-1)]).toMatchObject([status, { ok: false, code }]);
    expect(run.stderr).toMatch(/^error: /);
  });
});
