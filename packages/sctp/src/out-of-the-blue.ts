import type { IpAddress } from "@multihome/base";
import {
  CHUNK_HEADER_LENGTH,
  ChunkType,
  causeCode,
  checkCauses,
  checkChunk,
  chunkLength,
  chunkType,
  ErrorCause,
  nextCause,
  nextChunk,
} from "@multihome/wire";
import { abortChunk, bareChunk } from "./control-chunks.js";
import { isUnicast } from "./init-parameters.js";

const T_BIT = 1;

/**
 * What is answered to a packet that no association is found for, with its tag reflected; `undefined`
 * when it is to be discarded. RFC 9260 s8.4. INIT and COOKIE ECHO (rules 3 and 4) were taken before.
 */
export function answerOutOfTheBlue(
  view: DataView,
  first: number,
  end: number,
  local: IpAddress,
  remote: IpAddress,
): Uint8Array | undefined {
  if (!isUnicast(local) || !isUnicast(remote)) return undefined; // rule 1
  let shutdownAck = false;
  let silent = false;
  for (let at = first; at < end; at = nextChunk(view, at)) {
    if (checkChunk(view, at, end) !== "ok") break;
    switch (chunkType(view, at)) {
      case ChunkType.abort:
        return undefined; // rule 2
      case ChunkType.shutdownAck:
        shutdownAck = true; // rule 5
        break;
      case ChunkType.shutdownComplete: // rule 6
      case ChunkType.cookieAck: // rule 7
        silent = true;
        break;
      case ChunkType.error:
        if (hasStaleCookie(view, at)) silent = true; // rule 7
        break;
    }
  }
  if (shutdownAck) return bareChunk(ChunkType.shutdownComplete, T_BIT);
  return silent ? undefined : abortChunk(true); // rule 8
}

function hasStaleCookie(view: DataView, at: number): boolean {
  const first = at + CHUNK_HEADER_LENGTH;
  const end = at + chunkLength(view, at);
  if (checkCauses(view, first, end) !== "ok") return false;
  for (let c = first; c < end; c = nextCause(view, c)) {
    if (causeCode(view, c) === ErrorCause.staleCookie) return true;
  }
  return false;
}
