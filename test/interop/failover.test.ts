import { join } from "node:path";
import { expect, jest } from "@jest/globals";
import { Lab } from "../lab/lab.js";
import {
  assoc,
  ends,
  FAST_USRSCTP,
  type Interop,
  interopSuite,
  type StackPeer,
  sha256OfFile,
  sha256OfMessages,
} from "./interop-lab.js";

jest.setTimeout(180_000);

const MIB = 1 << 20;
const SIZE = 16_384;
const COUNT = (10 * MIB) / SIZE;
const SHA256 = sha256OfMessages(COUNT, SIZE);

interopSuite("10 MiB each way over two paths, the primary cut meanwhile", [], (test) => {
  async function shape({ lab }: Interop): Promise<void> {
    await lab.shape("wifi", { rate: "50mbit", delayMs: 15 });
    await lab.shape("lte", { rate: "30mbit", delayMs: 25 });
  }

  /** Cuts wifi in the middle, heals it later, and sees our side leave it and come back. */
  async function cutAndHeal({ lab }: Interop, ours: StackPeer, end: "host" | "server") {
    const peer = end === "host" ? "server" : "host";
    const pair = (path: "wifi" | "lte"): string =>
      `${Lab.address(end, path)}>${Lab.address(peer, path)}`;
    await ours.waitForBytes("received", 2 * MIB);
    await lab.cut("wifi");
    await ours.waitForCurrent(pair("lte"));
    await ours.waitForBytes("received", 5 * MIB);
    const before = ours.said;
    await lab.heal("wifi");
    await ours.waitForPath("recovered", (line) => line["path"] === pair("wifi"), before);
    await ours.waitForCurrent(pair("wifi"));
    expect(ours.switches.at(-1)).toMatchObject({ cause: "switchback" });
  }

  test("we connect and send, usrsctp echoes", async (run) => {
    await shape(run);
    const at = ends(["wifi", "lte"], 4);
    const out = join(run.lab.folder, "received-by-server");
    const options = ["--quiet", "--out", out, ...FAST_USRSCTP];
    const server = await run.usrsctpServer("echo", at, ...options);
    const ours = run.connect(at);
    await ours.waitFor("up");
    ours.command({ do: "send", count: COUNT, sizes: [SIZE], echo: true });
    await cutAndHeal(run, ours, "host");
    await ours.waitFor("echoed");
    ours.command({ do: "close" });
    expect(await ours.waitFor("ended")).toMatchObject({
      cause: "shutdown",
      faults: [],
      outcomes: { delivered: COUNT, failed: 0, abandoned: 0 },
      received: { messages: COUNT, sha256: SHA256 },
    });
    await server.waitFor(assoc("shutdown-complete"));
    await server.end();
    expect(sha256OfFile(out)).toBe(SHA256);
  });

  test("usrsctp connects and sends, we echo", async (run) => {
    await shape(run);
    const at = ends(["wifi", "lte"], 4);
    const out = join(run.lab.folder, "received-by-client");
    const ours = await run.listen(at, "--echo");
    const client = await run.usrsctpClient(
      at,
      ...["--count", String(COUNT), "--size", String(SIZE), "--wait-echo", "--end", "none"],
      ...["--quiet", "--out", out, ...FAST_USRSCTP],
    );
    await ours.waitFor("up");
    await cutAndHeal(run, ours, "server");
    await ours.waitForBytes("received", COUNT * SIZE);
    await ours.waitForBytes("acked", COUNT * SIZE);
    ours.command({ do: "close" });
    expect(await ours.waitFor("ended")).toMatchObject({
      cause: "shutdown",
      faults: [],
      outcomes: { delivered: COUNT, failed: 0, abandoned: 0 },
      received: { messages: COUNT, sha256: SHA256 },
    });
    await client.waitFor(assoc("shutdown-complete"));
    await client.end();
    expect(sha256OfFile(out)).toBe(SHA256);
  });
});
