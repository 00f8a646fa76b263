import type { CaptureDirection, CaptureProblem, CaptureRecord } from "./capture-record.js";
import type { CaptureState } from "./capture-state.js";
import {
  BLOCK_ENHANCED_PACKET,
  BLOCK_INTERFACE_DESCRIPTION,
  BLOCK_OVERHEAD,
  BLOCK_PACKET,
  BLOCK_SECTION_HEADER,
  BLOCK_SIMPLE_PACKET,
  BYTE_ORDER_MAGIC,
  EPB_FLAGS,
  IF_DESCRIPTION,
  IF_NAME,
  IF_TSOFFSET,
  IF_TSRESOL,
  OPT_COMMENT,
  OPT_END_OF_OPT,
  padded,
  SECTION_HEADER_MIN_LEN,
} from "./pcapng-block.js";

/** What later blocks need to know of an interface, beside what {@link CaptureState} keeps. */
interface Clock {
  /** Raw if_tsresol. */
  readonly resolution: number;
  /** if_tsoffset, seconds. */
  readonly offset: bigint;
}

interface Section {
  readonly littleEndian: boolean;
  /** False if its version cannot be read: its blocks are passed over. */
  readonly readable: boolean;
  /** Index in {@link CaptureState.interfaces} of this section's interface 0. */
  readonly firstInterface: number;
  readonly clocks: Clock[];
}

type Reader = { readonly view: DataView; readonly state: CaptureState };

const DEFAULT_RESOLUTION = 6;
const DIRECTIONS: readonly CaptureDirection[] = ["unknown", "inbound", "outbound"];
const text = new TextDecoder();

/** The packets of a pcapng file; returns why it ended early, if it did. */
export function* readPcapng(
  view: DataView,
  state: CaptureState,
): Generator<CaptureRecord, CaptureProblem | undefined, undefined> {
  const reader: Reader = { view, state };
  const end = view.byteLength;
  let section: Section | undefined;
  let at = 0;
  while (at < end) {
    if (end - at < BLOCK_OVERHEAD) return { reason: "truncated", at };
    if (view.getUint32(at) === BLOCK_SECTION_HEADER) {
      const opened = openSection(reader, at);
      if ("reason" in opened) return opened;
      section = opened;
    }
    if (section === undefined) return { reason: "notACapture", at };

    const { littleEndian } = section;
    const length = view.getUint32(at + 4, littleEndian);
    if (length < BLOCK_OVERHEAD || length % 4 !== 0) return { reason: "badLength", at };
    if (length > end - at) return { reason: "truncated", at };
    const bodyEnd = at + length - 4;
    if (view.getUint32(bodyEnd, littleEndian) !== length) return { reason: "badLength", at };

    if (section.readable) {
      const found = readBlock(reader, section, at, bodyEnd);
      if (found !== undefined) {
        if ("reason" in found) return found;
        yield found;
      }
    }
    at += length;
  }
  return undefined;
}

function openSection({ view, state }: Reader, at: number): Section | CaptureProblem {
  if (view.byteLength - at < SECTION_HEADER_MIN_LEN) return { reason: "truncated", at };
  const littleEndian = view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC;
  if (!littleEndian && view.getUint32(at + 8) !== BYTE_ORDER_MAGIC) {
    return { reason: "badByteOrder", at };
  }
  if (view.getUint32(at + 4, littleEndian) < SECTION_HEADER_MIN_LEN) {
    return { reason: "badLength", at };
  }
  const major = view.getUint16(at + 12, littleEndian);
  const minor = view.getUint16(at + 14, littleEndian);
  // draft-ietf-opsawg-pcapng s4.1: 1.2 is to be read as 1.0; s3.4: a section of another version is
  // skipped up to the next one.
  const readable = major === 1 && (minor === 0 || minor === 2);
  if (!readable) state.skippedSections++;
  return { littleEndian, readable, firstInterface: state.interfaces.length, clocks: [] };
}

/** Reads one block whose outer lengths are right; `undefined` for blocks without a packet. */
function readBlock(
  reader: Reader,
  section: Section,
  at: number,
  bodyEnd: number,
): CaptureRecord | CaptureProblem | undefined {
  switch (reader.view.getUint32(at, section.littleEndian)) {
    case BLOCK_INTERFACE_DESCRIPTION:
      return readInterface(reader, section, at, bodyEnd);
    case BLOCK_SIMPLE_PACKET:
      return readSimplePacket(reader, section, at, bodyEnd);
    case BLOCK_ENHANCED_PACKET:
    case BLOCK_PACKET:
      return readTimedPacket(reader, section, at, bodyEnd);
    default:
      return undefined;
  }
}

/*
 * Interface description block, s4.2.
 *    8 link type, reserved  12 snapLen  16 options
 */
function readInterface(
  { view, state }: Reader,
  section: Section,
  at: number,
  bodyEnd: number,
): CaptureProblem | undefined {
  if (bodyEnd - at < 16) return { reason: "badLength", at };
  const { littleEndian } = section;
  let name: string | undefined;
  let description: string | undefined;
  let resolution = DEFAULT_RESOLUTION;
  let offset = 0n;
  const comments: string[] = [];
  eachOption(view, littleEndian, at + 16, bodyEnd, state, (code, value, length) => {
    if (code === OPT_COMMENT) comments.push(readText(view, value, length));
    else if (code === IF_NAME) name = readText(view, value, length);
    else if (code === IF_DESCRIPTION) description = readText(view, value, length);
    else if (code === IF_TSRESOL) {
      if (length !== 1) return false;
      resolution = view.getUint8(value);
    } else if (code === IF_TSOFFSET) {
      if (length !== 8) return false;
      offset = view.getBigInt64(value, littleEndian);
    }
    return true;
  });
  section.clocks.push({ resolution, offset });
  state.interfaces.push({
    linkType: view.getUint16(at + 8, littleEndian),
    snapLen: view.getUint32(at + 12, littleEndian),
    name,
    description,
    comments,
  });
  return undefined;
}

/*
 * Simple packet block, s4.4: on interface 0, without a time.
 *    8 original length  12 bytes
 */
function readSimplePacket(
  { view, state }: Reader,
  section: Section,
  at: number,
  bodyEnd: number,
): CaptureRecord | CaptureProblem {
  if (bodyEnd - at < 12) return { reason: "badLength", at };
  const interfaceId = section.firstInterface;
  const iface = section.clocks.length > 0 ? state.interfaces[interfaceId] : undefined;
  if (iface === undefined) return { reason: "unknownInterface", at };
  const originalLength = view.getUint32(at + 8, section.littleEndian);
  const capturedLength =
    iface.snapLen === 0 ? originalLength : Math.min(iface.snapLen, originalLength);
  if (capturedLength > bodyEnd - (at + 12)) return { reason: "badLength", at };
  return {
    interfaceId,
    linkType: iface.linkType,
    timestampUs: undefined,
    nanoseconds: 0,
    capturedLength,
    originalLength,
    at: at + 12,
    direction: "unknown",
    comments: [],
  };
}

/*
 * Enhanced packet block, s4.3; the obsolete packet block, appendix A, differs in its interface ID only:
 * 16 bits, followed by 16 of a drop count.
 *    8 interface  12 time, upper  16 time, lower  20 captured  24 original length  28 bytes  then options
 */
function readTimedPacket(
  { view, state }: Reader,
  section: Section,
  at: number,
  bodyEnd: number,
): CaptureRecord | CaptureProblem {
  if (bodyEnd - at < 28) return { reason: "badLength", at };
  const { littleEndian } = section;
  const id =
    view.getUint32(at, littleEndian) === BLOCK_PACKET
      ? view.getUint16(at + 8, littleEndian)
      : view.getUint32(at + 8, littleEndian);
  const clock = section.clocks[id];
  const interfaceId = section.firstInterface + id;
  const iface = state.interfaces[interfaceId];
  if (clock === undefined || iface === undefined) return { reason: "unknownInterface", at };
  const capturedLength = view.getUint32(at + 20, littleEndian);
  const data = at + 28;
  if (capturedLength > bodyEnd - data) return { reason: "badLength", at };

  let flags = 0;
  const comments: string[] = [];
  const options = data + padded(capturedLength);
  eachOption(view, littleEndian, options, bodyEnd, state, (code, value, length) => {
    if (code === OPT_COMMENT) comments.push(readText(view, value, length));
    else if (code === EPB_FLAGS) {
      if (length !== 4) return false;
      flags = view.getUint32(value, littleEndian);
    }
    return true;
  });
  const time = timestamp(
    view.getUint32(at + 12, littleEndian),
    view.getUint32(at + 16, littleEndian),
    clock,
  );
  return {
    interfaceId,
    linkType: iface.linkType,
    timestampUs: time.us,
    nanoseconds: time.ns,
    capturedLength,
    originalLength: Math.max(view.getUint32(at + 24, littleEndian), capturedLength),
    at: data,
    direction: DIRECTIONS[flags & 3] ?? "unknown",
    comments,
  };
}

/**
 * Calls `take` for each option of `at .. end` (s3.5); it returns false for one of a wrong length. An
 * option that passes the end of its block ends the list, as does a missing end-of-options.
 */
function eachOption(
  view: DataView,
  littleEndian: boolean,
  at: number,
  end: number,
  state: CaptureState,
  take: (code: number, value: number, length: number) => boolean,
): void {
  let next = at;
  while (end - next >= 4) {
    const code = view.getUint16(next, littleEndian);
    if (code === OPT_END_OF_OPT) return;
    const length = view.getUint16(next + 2, littleEndian);
    const value = next + 4;
    if (length > end - value) {
      state.badOptions++;
      return;
    }
    if (!take(code, value, length)) state.badOptions++;
    next = value + padded(length);
  }
}

/** s3.5: a zero octet ends a string; s3.6.3: invalid UTF-8 may be repaired. */
function readText(view: DataView, at: number, length: number): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at, length);
  const zero = bytes.indexOf(0);
  return text.decode(zero < 0 ? bytes : bytes.subarray(0, zero));
}

function timestamp(upper: number, lower: number, clock: Clock): { us: number; ns: number } {
  if (clock.resolution === DEFAULT_RESOLUTION && clock.offset === 0n) {
    return { us: upper * 0x100000000 + lower, ns: 0 };
  }
  const units = (BigInt(upper) << 32n) | BigInt(lower);
  const exponent = BigInt(clock.resolution & 0x7f);
  const perSecond = (clock.resolution & 0x80) === 0 ? 10n ** exponent : 2n ** exponent;
  let ns = (units * 1_000_000_000n) / perSecond + clock.offset * 1_000_000_000n;
  // A time before 1970 cannot be told in this form; the epoch is the nearest that can.
  if (ns < 0n) ns = 0n;
  return { us: Number(ns / 1000n), ns: Number(ns % 1000n) };
}
