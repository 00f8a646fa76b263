// The protocol of `multihome send` and `multihome receive`, version 1; README.md describes it. One
// transfer per association, every message ordered on stream 0, its kind told by the payload protocol
// identifier. Control messages are small JSON objects, DATA is bytes of the file.

/** Payload protocol identifiers: "mh" and a number. None is assigned by IANA. */
export const PPID = {
  /** Sender: {@link Offer}. */
  offer: 0x6d68_0001,
  /** Sender: the next bytes of the file. */
  data: 0x6d68_0002,
  /** Sender: {@link FileEnd}. */
  end: 0x6d68_0003,
  /** Receiver: {@link Receipt}, the last message of a transfer. */
  receipt: 0x6d68_0004,
} as const;

/** The stream that everything goes over. */
export const STREAM = 0;

/** A control message is no longer than this. */
export const MAX_CONTROL_BYTES = 4096;

/**
 * DATA messages are no longer. Long ones cost less; but after a path died the application gets nothing
 * until the first whole message has crossed another path, whose window is small at first.
 */
export const CHUNK_BYTES = 16_384;

const VERSION = 1;

/** What is going to be sent. */
export interface Offer {
  /** Name of the file without folders; empty when there is none. */
  readonly name: string;
  /** In bytes; `undefined` when the sender does not know yet. */
  readonly size: number | undefined;
}

/** What was sent. */
export interface FileEnd {
  readonly size: number;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
}

/** How the receiver fared. */
export type Receipt =
  | { readonly ok: true; readonly size: number; readonly sha256: string }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** What is wrong with a control message. */
export type ControlFault = "notJson" | "wrongVersion" | "badField";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

export const writeOffer = (offer: Offer): Uint8Array =>
  encoder.encode(
    JSON.stringify({
      version: VERSION,
      name: offer.name.slice(0, 255),
      size: offer.size ?? null,
    }),
  );

export function readOffer(bytes: Uint8Array): Offer | ControlFault {
  const o = readObject(bytes);
  if (o === undefined) return "notJson";
  const { version, name, size } = o;
  if (version !== VERSION) return "wrongVersion";
  if (typeof name !== "string" || !(size === null || isSize(size))) return "badField";
  return { name, size: size ?? undefined };
}

export const writeEnd = (end: FileEnd): Uint8Array => encoder.encode(JSON.stringify(end));

export function readEnd(bytes: Uint8Array): FileEnd | ControlFault {
  const o = readObject(bytes);
  if (o === undefined) return "notJson";
  const { size, sha256 } = o;
  return isSize(size) && isSha256(sha256) ? { size, sha256 } : "badField";
}

export const writeReceipt = (receipt: Receipt): Uint8Array =>
  encoder.encode(
    JSON.stringify(receipt.ok ? receipt : { ...receipt, message: receipt.message.slice(0, 500) }),
  );

export function readReceipt(bytes: Uint8Array): Receipt | ControlFault {
  const o = readObject(bytes);
  if (o === undefined) return "notJson";
  const { ok, size, sha256, code, message } = o;
  if (ok === true && isSize(size) && isSha256(sha256)) return { ok, size, sha256 };
  if (ok === false && isCode(code) && typeof message === "string") {
    return { ok, code, message: printable(message) };
  }
  return "badField";
}

function readObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(decoder.decode(bytes));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isSize = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;
const isSha256 = (value: unknown): value is string =>
  typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
const isCode = (value: unknown): value is string =>
  typeof value === "string" && /^[a-zA-Z]{1,40}$/.test(value);

/** Text of a peer goes to our terminal: without control characters, and not too long. */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}]/gu, "?").slice(0, 500);
