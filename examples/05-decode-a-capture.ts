// Reads a capture file and prints its packets; then the fields of the first.
import { readFileSync } from "node:fs";
import { dissectPacket, formatTree, readCapture, summarizePacket } from "@multihome/wire";

const file = process.argv[2] ?? new URL("../test/recordings/sctp-abort.pcap", import.meta.url);
const bytes = new Uint8Array(readFileSync(file));
const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

let first = true;
for (const { at, capturedLength, linkType } of readCapture(bytes)) {
  const end = at + capturedLength;
  console.log(summarizePacket(bytes, view, at, end, linkType));
  if (first) console.log(formatTree(dissectPacket(bytes, view, at, end, linkType), 1));
  first = false;
}
