import { createHash } from "node:crypto";

// The messages of the interop tests: byte j of message n is (n * 31 + j * 7) & 255, as in
// usrsctp_peer.c. The bytes repeat every 256, so that all messages are views of one table.

const INVERSE_OF_7 = 183;
let table = new Uint8Array(0);

function grow(size) {
  if (table.length >= size + 256) return;
  table = new Uint8Array(size + 256);
  for (let i = 0; i < table.length; i++) table[i] = i * 7;
}

function startingWith(first, size) {
  grow(size);
  const at = (first * INVERSE_OF_7) & 255;
  return table.subarray(at, at + size);
}

/** Message n of this size: a view that nobody may write to. */
export const messageBytes = (n, size) => startingWith((n * 31) & 255, size);

/** True if the bytes are a whole message, whatever its number. */
export const isMessage = (bytes) =>
  bytes.length > 0 && Buffer.compare(bytes, startingWith(bytes[0], bytes.length)) === 0;

/** Sums over messages: SHA-256 of all their bytes, and one that does not depend on their order. */
export class MessageSums {
  messages = 0;
  bytes = 0;
  #hash = createHash("sha256");
  #each = [];

  add(bytes) {
    this.messages++;
    this.bytes += bytes.length;
    this.#hash.update(bytes);
    this.#each.push(createHash("sha256").update(bytes).digest("base64"));
  }

  toJSON() {
    return {
      messages: this.messages,
      bytes: this.bytes,
      sha256: this.#hash.copy().digest("hex"),
      anyOrder: createHash("sha256").update(this.#each.toSorted().join()).digest("hex"),
    };
  }
}
