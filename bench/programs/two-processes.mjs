// One association (or plain datagrams) between two processes on 127.0.0.1, one way: starts both ends, and prints one
// JSON line made of what each says of itself.
//   node programs/two-processes.mjs peer=ours|ours-plain|usrsctp|dgram size=1200 [warm=S] [time=S]
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { argument } from "./arguments.mjs";
import { loopbackSocket } from "./loopback-sockets.mjs";
import { usrsctpProgram } from "./usrsctp/build.mjs";

const peer = argument("peer", "ours");
const node = (file, ...more) => [
  process.execPath,
  fileURLToPath(new URL(file, import.meta.url)),
  ...more,
];
const ENDS = {
  ours: () => node("ours-udp-end.mjs", "crc32c=native"),
  "ours-plain": () => node("ours-udp-end.mjs", "crc32c=plain"),
  dgram: () => node("dgram-end.mjs"),
  usrsctp: async () => {
    const { path, missing } = await usrsctpProgram("udp");
    if (path !== undefined) return [path];
    console.log(JSON.stringify({ peer, missing }));
    process.exit(0);
  },
};

/** A UDP port that was free a moment ago. */
async function freePort() {
  const socket = await loopbackSocket();
  const { port } = socket.address();
  socket.close();
  await once(socket, "close");
  return port;
}

const [command, ...first] = await ENDS[peer]();
const [port, peerPort] = [await freePort(), await freePort()];
const rest = process.argv.slice(2).filter((each) => !each.startsWith("peer="));

/** The lines that an end prints, once it runs. */
function start(role, mine, theirs) {
  const args = [...first, `role=${role}`, `port=${mine}`, `peerport=${theirs}`, ...rest];
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { child, lines };
}

async function result({ lines }, role) {
  const { value } = await lines.next();
  if (!value?.startsWith("{")) throw new Error(`${peer}: the ${role} said ${value ?? "nothing"}`);
  return JSON.parse(value);
}

const receiver = start("receive", port, peerPort);
if ((await receiver.lines.next()).value !== "ready")
  throw new Error(`${peer}: the receiver is not ready`);
const sender = start("send", peerPort, port);
try {
  const [sent, got] = await Promise.all([result(sender, "sender"), result(receiver, "receiver")]);
  const both = (measure) =>
    sent[measure] === undefined ? undefined : sent[measure] + got[measure];
  console.log(
    JSON.stringify({
      peer,
      version: got.version,
      seconds: got.seconds,
      mbps: got.mbps,
      packetsPerSecond: got.packetsPerSecond,
      dataPacketsPerSecond: got.dataPacketsPerSecond,
      allocatedPerPacket: both("allocatedPerPacket"),
      cpuSecondsPerGB: both("cpuSecondsPerGB"),
      senderMicrosPerPacket: sent.cpuMicrosPerPacket,
      receiverMicrosPerPacket: got.cpuMicrosPerPacket,
    }),
  );
} finally {
  sender.child.kill();
  receiver.child.kill();
}
