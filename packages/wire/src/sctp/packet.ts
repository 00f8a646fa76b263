import type { TreeNode } from "../tree.js";
import { CHUNK_HEADER_LENGTH, chunkLength, nextChunk } from "./chunk.js";
import {
  checkSctpHeader,
  describeSctpHeader,
  SCTP_HEADER_LENGTH,
  sctpChecksumField,
  summarizeSctpHeader,
  writeSctpChecksum,
} from "./common-header.js";
import { describeChunk, summarizeChunk } from "./describe-chunk.js";
import { hex32 } from "./tlv-node.js";

/**
 * A whole SCTP packet as a tree: common header, every chunk, parameter and cause. What is malformed says
 * so; the walk ends where a chunk's length cannot lead on. The bytes are not changed.
 *
 * `bytes` and `view` must cover the same memory.
 */
export function describeSctpPacket(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  end: number,
): TreeNode {
  const header = describeSctpHeader(view, at, end);
  if (checkSctpHeader(view, at, end) !== "ok") return header;
  const children: TreeNode[] = [];
  for (const field of header.children ?? []) {
    children.push(
      field.name === "checksum"
        ? { ...field, meaning: checksumMeaning(bytes, view, at, end) }
        : field,
    );
  }
  const malformed = eachChunk(view, at, end, (chunk) => {
    children.push(describeChunk(view, chunk, end));
  });
  const node: TreeNode = { name: "sctp", at, length: end - at, children };
  return malformed ? { ...node, malformed: "badChunk" } : node;
}

/**
 * One line in the manner of tcpdump:
 * `sctp 5001 > 5002 vtag 0x1a2b3c4d DATA tsn=1 sid=0 ssn=0 len=1200 BE | SACK cum=5 rwnd=65536 gaps=2-3`.
 * A wrong checksum is not looked for.
 */
export function summarizeSctpPacket(view: DataView, at: number, end: number): string {
  let line = summarizeSctpHeader(view, at, end);
  if (checkSctpHeader(view, at, end) !== "ok") return line;
  let separator = " ";
  eachChunk(view, at, end, (chunk) => {
    line += separator + summarizeChunk(view, chunk, end);
    separator = " | ";
  });
  return line;
}

/** Calls `visit` with each chunk's offset; true if the walk ended at a chunk that leads nowhere. */
function eachChunk(
  view: DataView,
  at: number,
  end: number,
  visit: (chunk: number) => void,
): boolean {
  let chunk = at + SCTP_HEADER_LENGTH;
  while (chunk < end) {
    visit(chunk);
    if (end - chunk < CHUNK_HEADER_LENGTH) return true;
    const length = chunkLength(view, chunk);
    if (length < CHUNK_HEADER_LENGTH || length > end - chunk) return true;
    chunk = nextChunk(view, chunk);
  }
  return false;
}

/** Says what the checksum should be, on a copy of the packet. */
function checksumMeaning(bytes: Uint8Array, view: DataView, at: number, end: number): string {
  const copy = new Uint8Array(end - at);
  copy.set(bytes.subarray(at, end));
  const copyView = new DataView(copy.buffer);
  writeSctpChecksum(copy, copyView, 0, copy.length);
  const expected = sctpChecksumField(copyView, 0);
  const field = sctpChecksumField(view, at);
  if (field === expected) return `${hex32(field)} correct`;
  const got = field === 0 ? "zero" : `${hex32(field)} wrong`;
  return `${got}, expected ${hex32(expected)}`;
}
