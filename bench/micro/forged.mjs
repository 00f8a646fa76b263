// What a packet of a flood costs a listening endpoint, beside a packet with data of an association.
import { IpAddress, PacketRef, SeededRandom } from "@multihome/base";
import { SctpEndpoint, sctpConfig } from "@multihome/sctp";
import { writeSctpChecksum, writeSctpHeader } from "@multihome/wire";
import { compare } from "./measure.mjs";

const PORT = 5000;
const local = IpAddress.parse("192.0.2.1");
const stranger = IpAddress.parse("198.51.100.1");
let ids = 0;
const endpoint = new SctpEndpoint(
  0,
  sctpConfig(),
  { random: new SeededRandom(1) },
  PORT,
  0,
  [{ address: local, interfaceName: "eth0", metered: false, cost: 0, allowed: true }],
  () => ++ids,
);
endpoint.listening = true;

const out = new PacketRef(new Uint8Array(2048), new DataView(new ArrayBuffer(0)));
out.view = new DataView(out.bytes.buffer);

/** A packet from the stranger; its chunk is given from its type on. */
function packetOf(vtag, chunk) {
  const bytes = new Uint8Array(12 + chunk.length);
  const view = new DataView(bytes.buffer);
  writeSctpHeader(view, 0, 7000, PORT, vtag);
  bytes.set(chunk, 12);
  writeSctpChecksum(bytes, view, 0, bytes.length);
  const packet = new PacketRef(bytes, view);
  packet.end = bytes.length;
  packet.local = local;
  packet.remote = stranger;
  return packet;
}

function drain() {
  let sent;
  for (;;) {
    out.start = 0;
    out.end = 2048;
    if (!endpoint.pollTransmit(1000, out)) break;
    sent = out.bytes.slice(0, out.end);
  }
  while (endpoint.pollEvent() !== undefined);
  return sent;
}

function feed(packet) {
  endpoint.handle(1000, { kind: "packet", packet });
  return drain();
}

const initChunk = new Uint8Array(20);
new DataView(initChunk.buffer).setUint32(0, 0x0100_0014);
new DataView(initChunk.buffer).setUint32(4, 77);
new DataView(initChunk.buffer).setUint32(8, 100_000);
new DataView(initChunk.buffer).setUint32(12, 0x0001_0001);
const init = packetOf(0, initChunk);
const echo = new Uint8Array(64);
new DataView(echo.buffer).setUint32(0, 0x0a00_0040);
const forged = packetOf(99, echo);
const data = new Uint8Array(1216);
new DataView(data.buffer).setUint32(0, 0x0003_04c0);
const blue = packetOf(99, data);
const damaged = packetOf(99, data);
damaged.bytes[8] ^= 1;

// An association of the stranger's, from another port: duplicates of its DATA, each acknowledged.
const initAck = feed(init);
const view = new DataView(initAck.buffer);
const cookie = initAck.slice(36, 36 + view.getUint16(34) - 4);
const opening = new Uint8Array(4 + cookie.length);
new DataView(opening.buffer).setUint32(0, 0x0a00_0000 + opening.length);
opening.set(cookie, 4);
const vtag = view.getUint32(16);
feed(packetOf(vtag, opening));
const known = packetOf(vtag, data);
feed(known);
const blind = packetOf(vtag ^ 1, data);
const other = IpAddress.parse("203.0.113.9");
for (const packet of [init, forged, blue]) packet.remote = other;

const groups = [
  await compare("a packet of a flood, with its answer if it has one", 1, {
    "wrong checksum, 1,228 bytes": () => feed(damaged),
    "DATA with a wrong tag, 1,228 bytes": () => feed(blind),
    "DATA out of the blue, 1,228 bytes (ABORT)": () => feed(blue),
    "INIT, 32 bytes (INIT ACK with cookie)": () => feed(init),
    "forged COOKIE ECHO, 76 bytes": () => feed(forged),
    "duplicate DATA of an association, 1,228 bytes (SACK)": () => feed(known),
  }),
];
console.log(JSON.stringify({ groups }));
