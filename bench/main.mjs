// npm run bench [-- NAME...] [--json]: ours beside its peers in the same run. See README.md.
import { spawn } from "node:child_process";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import Table from "cli-table3";
import { Command, InvalidArgumentError } from "commander";
import { SIMULATIONS, simulate, simulationTable } from "./simulations.mjs";

const PEERS = ["ours", "ours-plain", "werift-sctp", "sctp", "usrsctp", "dgram"];
/** How each peer's program is started. The others are compared with `ours`. */
const TRANSFERS = {
  "sctp-memory": {
    about: "one association, both ends in one process, packets handed over in memory",
    programs: {
      ours: ["ours-memory.mjs", "crc32c=native"],
      "ours-plain": ["ours-memory.mjs", "crc32c=plain"],
      "werift-sctp": ["werift.mjs", "transport=memory"],
      sctp: ["node-sctp.mjs", "transport=memory"],
      usrsctp: ["usrsctp.mjs"],
    },
  },
  "sctp-udp": {
    about: "one association, both ends in one process, over UDP on loopback",
    programs: {
      ours: ["ours-udp.mjs", "crc32c=native"],
      "ours-plain": ["ours-udp.mjs", "crc32c=plain"],
      "werift-sctp": ["werift.mjs", "transport=udp"],
      sctp: ["node-sctp.mjs", "transport=udp"],
    },
  },
  "sctp-udp2": {
    about: "one association, each end in a process of its own, over UDP on loopback",
    twoProcesses: true,
    programs: {
      ours: ["two-processes.mjs", "peer=ours"],
      "ours-plain": ["two-processes.mjs", "peer=ours-plain"],
      usrsctp: ["two-processes.mjs", "peer=usrsctp"],
      dgram: ["two-processes.mjs", "peer=dgram"],
    },
  },
};
const MICROS = {
  slab: "packets as offsets into a slab, against an object for each",
  crc32c: "CRC32c in TypeScript, against the native accelerator",
  forged: "what a forged packet of a flood costs a listening endpoint",
};
const NAMES = [...Object.keys(TRANSFERS), ...Object.keys(SIMULATIONS), ...Object.keys(MICROS)];

const positive = (text) => {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError("expected a number above 0");
  return value;
};
const listOf = (allowed) => (text) => {
  const values = text.split(",");
  const wrong = values.find((value) => !allowed.includes(value));
  if (wrong !== undefined) throw new InvalidArgumentError(`expected some of ${allowed.join(",")}`);
  return values;
};

const program = new Command("npm run bench --")
  .description("Measures this repository's packages beside other implementations, in turn.")
  .argument("[name...]", `what to run: ${NAMES.join(", ")} (default: all)`)
  .option("--json", "end with one JSON object instead of tables")
  .option("--rounds <n>", "rounds; each runs every program once", positive, 3)
  .option("--time <s>", "measured seconds of a run", positive, 2.5)
  .option("--warm <s>", "seconds of warm-up before", positive, 1)
  .option(
    "--size <bytes,...>",
    "message sizes",
    (text) => text.split(",").map(positive),
    [1200, 16384],
  )
  .option("--peer <name,...>", `of ${PEERS.join(",")}`, listOf(PEERS), PEERS)
  .addHelpText("after", "\nExample: npm run bench -- sctp-memory --size 1200 --rounds 5")
  .parse();
const options = program.opts();
const wanted = program.args.length > 0 ? program.args : NAMES;
for (const name of wanted) {
  if (!NAMES.includes(name)) program.error(`no benchmark "${name}": expected ${NAMES.join(", ")}`);
}

const tell = (text) => {
  if (!options.json) console.log(text);
};
const progress = (text) => {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
};

/** Runs a program in a process of its own; the JSON object of its last line. */
async function runProgram(file, args) {
  const child = spawn(process.execPath, [fileURLToPath(new URL(file, import.meta.url)), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (data) => {
    said += data;
  });
  const code = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  const last = said.trimEnd().split("\n").at(-1) ?? "";
  if (code !== 0 || !last.startsWith("{")) return { error: `exit ${code}` };
  return JSON.parse(last);
}

function median(values) {
  const sorted = [...values].sort((x, y) => x - y);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const MEASURES = [
  "mbps",
  "packetsPerSecond",
  "allocatedPerPacket",
  "cpuSecondsPerGB",
  "senderMicrosPerPacket",
  "receiverMicrosPerPacket",
];

function summary(peer, size, runs) {
  const missing = runs.find((run) => run.missing !== undefined)?.missing;
  if (missing !== undefined) return { peer, size, runs: 0, missing };
  const good = runs.filter((run) => run.error === undefined);
  const row = { peer, size, runs: good.length, version: good[0]?.version };
  if (good.length < runs.length) row.error = runs.find((run) => run.error !== undefined).error;
  if (good.length === 0) return row;
  for (const measure of MEASURES) {
    const values = good.map((run) => run[measure]).filter((value) => value !== undefined);
    if (values.length > 0) row[measure] = median(values);
  }
  const speeds = good.map((run) => run.mbps);
  return { ...row, mbpsMin: Math.min(...speeds), mbpsMax: Math.max(...speeds) };
}

async function transfer(name) {
  const { about, programs, twoProcesses = false } = TRANSFERS[name];
  const peers = options.peer.filter((peer) => peer in programs);
  const found = new Map();
  for (let round = 1; round <= options.rounds; round++) {
    for (const size of options.size) {
      for (const peer of peers) {
        progress(`${name}: round ${round} of ${options.rounds}, ${size} bytes, ${peer}`);
        const [file, ...args] = programs[peer];
        const run = await runProgram(`programs/${file}`, [
          ...args,
          `size=${size}`,
          `warm=${options.warm}`,
          `time=${options.time}`,
        ]);
        const key = `${size} ${peer}`;
        found.set(key, [...(found.get(key) ?? []), run]);
      }
    }
  }
  progress("");
  const rows = options.size.flatMap((size) => {
    const ofSize = peers.map((peer) => summary(peer, size, found.get(`${size} ${peer}`)));
    const ours = ofSize.find((row) => row.peer === "ours");
    const times = (one, other) => (one && other ? Number((one / other).toPrecision(3)) : undefined);
    return ofSize.map((row) => ({
      ...row,
      oursTimes: times(ours?.mbps, row.mbps),
      oursTimesPerCpu: times(row.cpuSecondsPerGB, ours?.cpuSecondsPerGB),
    }));
  });
  const { rounds, time } = options;
  return { name, about, twoProcesses, mtu: 1500, rounds, seconds: time, rows };
}

const shown = (value, digits = 0) =>
  value === undefined
    ? "-"
    : value.toLocaleString("en", { maximumFractionDigits: digits, minimumFractionDigits: digits });

const ratio = (times) => (times === undefined ? "-" : `${shown(times, 1)} x`);

const COLUMNS = [
  ["bytes", (row) => shown(row.size)],
  ["peer", (row) => (row.version === undefined ? row.peer : `${row.peer} ${row.version}`)],
  ["Mbit/s (range)", (row) => `${shown(row.mbps)} (${shown(row.mbpsMin)}-${shown(row.mbpsMax)})`],
  ["packets/s", (row) => shown(row.packetsPerSecond)],
  ["heap B/packet", (row) => shown(row.allocatedPerPacket)],
  ["CPU s/GB", (row) => shown(row.cpuSecondsPerGB, 2)],
  ["ours is", (row) => ratio(row.oursTimes)],
  ["per CPU s", (row) => ratio(row.oursTimesPerCpu)],
];
/** CPU time of each process for each packet with data. */
const TWO_PROCESS_COLUMNS = [
  ["sender us", (row) => shown(row.senderMicrosPerPacket, 2)],
  ["receiver us", (row) => shown(row.receiverMicrosPerPacket, 2)],
];

function transferTable({ name, about, twoProcesses, rows, rounds, seconds }) {
  const columns = twoProcesses ? COLUMNS.toSpliced(-2, 0, ...TWO_PROCESS_COLUMNS) : COLUMNS;
  const table = new Table({
    head: columns.map(([head]) => head),
    colAligns: columns.map(([head]) => (head === "peer" ? "left" : "right")),
    style: { head: [], border: [] },
  });
  for (const row of rows) {
    if (row.missing !== undefined) continue;
    if (row.runs > 0) table.push(columns.map(([, show]) => show(row)));
    else table.push([row.size, row.peer, { content: row.error, colSpan: columns.length - 2 }]);
  }
  const missing = new Set(
    rows
      .filter((row) => row.missing !== undefined)
      .map((row) => `${row.peer}: left out, ${row.missing}\n`),
  );
  const head = `${name}: ${about}\nmedians of ${rounds} interleaved rounds of ${seconds} s, MTU 1500`;
  return `\n${head}\n${[...missing].join("")}${table}`;
}

async function micro(name) {
  progress(name);
  const result = await runProgram(`micro/${name}.mjs`, []);
  progress("");
  return { about: MICROS[name], ...result, name };
}

function microTable({ about, name, error, groups = [] }) {
  if (error !== undefined) return `\n${name}: ${error}`;
  const tables = groups.map(({ title, rows }) => {
    const table = new Table({
      head: [title, "ns", "times the first"],
      colAligns: ["left", "right", "right"],
      style: { head: [], border: [] },
    });
    for (const row of rows) {
      table.push([row.name, shown(row.ns, 1), `${shown(row.ns / rows[0].ns, 1)} x`]);
    }
    return table.toString();
  });
  return `\n${name}: ${about}\n${tables.join("\n")}`;
}

const results = [];
for (const name of wanted) {
  if (name in TRANSFERS) {
    const result = await transfer(name);
    results.push(result);
    tell(transferTable(result));
  } else if (name in SIMULATIONS) {
    const result = await simulate(name, runProgram, progress, options.time);
    results.push(result);
    tell(simulationTable(result));
  } else {
    const result = await micro(name);
    results.push(result);
    tell(microTable(result));
  }
}
const failed = results.some(
  (r) => r.error !== undefined || r.rows?.some((row) => row.error !== undefined && row.runs === 0),
);
if (options.json) {
  const machine = { node: process.version, cpu: cpus()[0]?.model, cores: cpus().length };
  console.log(JSON.stringify({ ok: !failed, machine, benchmarks: results }));
}
process.exitCode = failed ? 1 : 0;
