// Benchmarks in virtual time: the time curve of an association, and how fast the simulator runs.
import Table from "cli-table3";

/** The columns of `sctp-wan`: one run of `programs/wan.mjs` each. */
const WAN_RUNS = {
  "1 stream": [],
  "64 streams": ["streams=64"],
  "1 stream, 0.1 % lost": ["loss=0.001"],
  "64 streams, 0.1 % lost": ["loss=0.001", "streams=64"],
  "queue 1/2": ["queue=0.5"],
  "queue 1/10": ["queue=0.1"],
  "queue 1/10, cubic": ["queue=0.1", "congestion=cubic"],
};

export const SIMULATIONS = {
  "sctp-wan":
    "one association over 1 Gbit/s, round trip 100 ms, a queue of one bandwidth-delay product",
  netsim: "how fast the simulator runs: simulated seconds in a second",
};

/**
 * @param run starts a program and gives its JSON
 * @param progress is told what runs
 */
export async function simulate(name, run, progress, seconds) {
  const about = SIMULATIONS[name];
  if (name === "netsim")
    return { name, about, ...(await run("programs/netsim.mjs", [`time=${seconds}`])) };
  const rows = [];
  for (const [title, args] of Object.entries(WAN_RUNS)) {
    progress(`${name}: ${title}`);
    rows.push({ title, ...(await run("programs/wan.mjs", args)) });
  }
  progress("");
  return { name, about, error: rows.find((row) => row.error !== undefined)?.error, rows };
}

const percent = (share) => `${(100 * share).toFixed(share < 0.095 ? 1 : 0)}`;

export function simulationTable({ name, about, error, rows }) {
  if (error !== undefined) return `\n${name}: ${error}`;
  const style = { head: [], border: [] };
  if (name === "netsim") {
    const table = new Table({
      head: ["what runs", "simulated s/s", "packets/s"],
      colAligns: ["left", "right", "right"],
      style,
    });
    for (const row of rows) {
      table.push([row.name, row.simulatedPerSecond, row.packetsPerSecond.toLocaleString("en")]);
    }
    return `\n${name}: ${about}\n${table}`;
  }
  const table = new Table({
    head: ["round trip", ...rows.map((row) => row.title)],
    colAligns: ["left", ...rows.map(() => "right")],
    style,
    wordWrap: true,
  });
  const length = rows[0].curve.length;
  for (let i = 0; i < length; i += i < 20 ? 1 : 5) {
    table.push([i + 1, ...rows.map((row) => percent(row.curve[i]))]);
  }
  table.push(["second half", ...rows.map((row) => percent(row.secondHalf))]);
  table.push(["packets lost", ...rows.map((row) => row.lost)]);
  table.push(["T3-rtx expired", ...rows.map((row) => row.timeouts)]);
  table.push(["simulated s/s", ...rows.map((row) => row.simulatedPerSecond)]);
  return `\n${name}: ${about}\nuser data as a percentage of the link's rate, in each round trip since the INIT left\n${table}`;
}
