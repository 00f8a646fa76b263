// Plain node:dgram, one end: datagrams as large as ours with full packets, and answers as large as a packet with one
// SACK. No more than a window of them is under way, so that none is lost for want of a reader. See two-processes.mjs.
//   node programs/dgram-end.mjs role=receive|send port=N peerport=N [answer=8] [window=1024] [batch=32] [warm=S] [time=S]
import dgram from "node:dgram";
import { once } from "node:events";
import { argument, numberArgument } from "./arguments.mjs";
import { BUFFER_BYTES } from "./loopback-sockets.mjs";
import { Meter } from "./meter.mjs";

/** MTU 1500 less the headers of IPv4 and UDP. */
const DATAGRAM_BYTES = 1472;
/** Of these, neither SCTP's common header nor that of a DATA chunk: what counts as data. */
const USER_BYTES = DATAGRAM_BYTES - 12 - 16;
const ANSWER_BYTES = 28;
/** If nothing comes for so long, what is under way counts as lost. */
const LOST_MS = 50;

const every = numberArgument("answer", 8);
const window = numberArgument("window", 1024);
const batch = numberArgument("batch", 32);
const socket = dgram.createSocket({
  type: "udp4",
  recvBufferSize: BUFFER_BYTES,
  sendBufferSize: BUFFER_BYTES,
});
socket.bind(numberArgument("port", 0), "127.0.0.1");
await once(socket, "listening");
socket.connect(numberArgument("peerport", 0), "127.0.0.1");
await once(socket, "connect");

let sent = 0;
let received = 0;
if (argument("role", "receive") === "send") {
  const meter = new Meter({ peer: "dgram" }, () => ({ packets: sent + received, data: sent }));
  const payload = Buffer.alloc(DATAGRAM_BYTES, 0x5a);
  let answered = 0;
  let heardAt = 0;
  socket.on("message", (answer) => {
    received++;
    answered = answer.readUInt32BE(0);
  });
  const turn = () => {
    const room = window - ((sent - answered) >>> 0);
    for (let i = 0; i < batch && i < room; i++) {
      socket.send(payload);
      sent++;
      meter.delivered(USER_BYTES);
    }
    setImmediate(turn);
  };
  setInterval(() => {
    if (received === heardAt) answered = sent;
    heardAt = received;
  }, LOST_MS);
  turn();
} else {
  const meter = new Meter({ peer: "dgram", version: process.version }, () => ({
    packets: sent + received,
    data: received,
  }));
  const answer = Buffer.alloc(ANSWER_BYTES);
  socket.on("message", () => {
    received++;
    meter.delivered(USER_BYTES);
    if (received % every !== 0) return;
    answer.writeUInt32BE(received >>> 0, 0);
    socket.send(answer);
    sent++;
  });
  console.log("ready");
}
