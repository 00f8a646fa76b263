import { join } from "node:path";
import { expect, jest } from "@jest/globals";
import { runCommand } from "../lab/lab-process.js";
import { ends, FAST_USRSCTP, interopSuite } from "./interop-lab.js";

jest.setTimeout(180_000);

/** What tshark tells of a packet; several values of a field have commas between them. */
interface Packet {
  readonly from: string;
  readonly udpChecksum: string;
  readonly sctpChecksum: string;
  readonly malformed: string;
  readonly chunks: readonly string[];
}

const GOOD = "1";

interopSuite("what goes over the wire", ["tshark", "dumpcap"], (test) => {
  test("is well-formed and has right checksums, says tshark", async (run) => {
    const at = ends(["wifi", "lte"], 4, 6);
    const file = join(run.lab.folder, "all.pcapng");
    const capture = await run.lab.capture("host", "any", file);
    const server = await run.usrsctpServer("echo", at, "--quiet", ...FAST_USRSCTP);
    const ours = run.connect(at);
    await ours.waitFor("up");
    const from = ours.said;
    ours.command({ do: "send", count: 300, sizes: [1, 2, 3, 1439, 5000], echo: true, gapMs: 2 });
    await ours.waitForPath("confirmed", (p) => String(p["path"]).startsWith("fd00:2::2"));
    await run.lab.cut("wifi");
    await ours.waitForPath("switched", () => true, from);
    await run.lab.heal("wifi");
    await ours.waitForPath("switched", (line) => line["cause"] === "switchback", from);
    await ours.waitFor("echoed");
    const again = ours.said;
    ours.command({ do: "send", count: 30, sizes: [20_000], unordered: true, echo: true });
    await ours.waitFor("echoed", again);
    ours.command({ do: "close" });
    expect(await ours.waitFor("ended")).toMatchObject({ cause: "shutdown", faults: [] });
    await server.end();
    await capture.stop("SIGINT");

    const packets = await readWithTshark(file);
    const hosts = new Set(at.host.split(","));
    const sent = packets.filter((p) => hosts.has(p.from));
    for (const type of CHUNKS_WE_SEND) {
      expect(sent.filter((p) => p.chunks.includes(type)).length).toBeGreaterThan(0);
    }
    expect(new Set(sent.map((p) => p.from))).toEqual(hosts);
    expect(sent.length).toBeGreaterThan(300);
    expect(packets.filter((p) => p.malformed !== "")).toEqual([]);
    expect(packets.filter((p) => p.udpChecksum !== GOOD || p.sctpChecksum !== GOOD)).toEqual([]);
  });

  async function readWithTshark(file: string): Promise<Packet[]> {
    const fields = ["ip.src", "ipv6.src", "udp.checksum.status", "sctp.checksum.status"];
    const out = await runCommand("tshark", [
      ...["-r", file, "-n", "-d", "udp.port==9899,sctp", "-o", "sctp.checksum:CRC 32c"],
      ...["-o", "udp.check_checksum:TRUE", "-Y", "udp.port==9899 && !icmp && !icmpv6"],
      ...["-T", "fields", "-E", "separator=|"],
      ...[...fields, "_ws.malformed", "sctp.chunk_type"].flatMap((field) => ["-e", field]),
    ]);
    return out
      .trimEnd()
      .split("\n")
      .map((line) => {
        const [
          ip4 = "",
          ip6 = "",
          udpChecksum = "",
          sctpChecksum = "",
          malformed = "",
          chunks = "",
        ] = line.split("|");
        return {
          from: ip4 || ip6,
          udpChecksum,
          sctpChecksum,
          malformed,
          chunks: chunks.split(","),
        };
      });
  }
});

/** DATA, INIT, SACK, HEARTBEAT, HEARTBEAT ACK, SHUTDOWN, COOKIE ECHO, SHUTDOWN COMPLETE */
const CHUNKS_WE_SEND = ["0", "1", "3", "4", "5", "7", "10", "14"];
