const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Two characters for every twelve bits: a third of the steps that single characters would take.
const PAIRS: readonly string[] = Array.from(
  { length: 4096 },
  (_, n) => ALPHABET.charAt(n >> 6) + ALPHABET.charAt(n & 63),
);

const VALUES = new Int8Array(128).fill(-1);
for (let i = 0; i < ALPHABET.length; i++) VALUES[ALPHABET.charCodeAt(i)] = i;

/** The bytes from `start` to `end` in base64 with padding (RFC 4648 s4). */
export function toBase64(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  let text = "";
  let at = start;
  for (; at + 3 <= end; at += 3) {
    const n = (byte(bytes, at) << 16) | (byte(bytes, at + 1) << 8) | byte(bytes, at + 2);
    text += pair(n >> 12) + pair(n & 4095);
  }
  if (end - at === 1) text += `${pair(byte(bytes, at) << 4)}==`;
  else if (end - at === 2) {
    const n = (byte(bytes, at) << 10) | (byte(bytes, at + 1) << 2);
    text += `${pair(n >> 6)}${ALPHABET.charAt(n & 63)}=`;
  }
  return text;
}

/** The bytes that a base64 text stands for; `undefined` if it is none: padding is required, spaces are not allowed. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let out = 0;
  for (let at = 0; at < text.length; at += 4) {
    let group = 0;
    for (let i = at; i < at + 4; i++) {
      const value = i >= text.length - padding ? 0 : (VALUES[text.charCodeAt(i)] ?? -1);
      if (value < 0) return undefined;
      group = (group << 6) | value;
    }
    // Writes past the end are ignored: that is the padding.
    bytes[out++] = group >> 16;
    bytes[out++] = group >> 8;
    bytes[out++] = group;
  }
  return bytes;
}

const byte = (bytes: Uint8Array, at: number): number => bytes[at] as number;
const pair = (n: number): string => PAIRS[n] as string;
