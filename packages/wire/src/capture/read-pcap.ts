import type { CaptureProblem, CaptureRecord } from "./capture-record.js";
import type { CaptureState } from "./capture-state.js";

/*
 * Classic pcap, draft-ietf-opsawg-pcap s4 and s5. All numbers are in the byte order of the writer.
 *
 *    0 magic  4 major, minor  8 reserved  12 reserved  16 snapLen  20 FCS and link type
 *
 * then per packet
 *
 *    0 seconds  4 micro- or nanoseconds  8 captured length  12 original length  16 bytes, not padded
 */
export const PCAP_HEADER_LEN = 24;
export const PCAP_RECORD_HEADER_LEN = 16;
export const PCAP_MAGIC_US = 0xa1b2c3d4;
export const PCAP_MAGIC_NS = 0xa1b23c4d;

/**
 * The byte order and resolution that the magic number at `at` tells; `undefined` if it is none. A
 * little-endian file begins with d4 c3 b2 a1: the list in s4.1 of the draft has the two orders exchanged.
 */
export function pcapMagic(
  view: DataView,
  at: number,
): { readonly littleEndian: boolean; readonly nanoseconds: boolean } | undefined {
  if (view.byteLength - at < 4) return undefined;
  for (const littleEndian of [true, false]) {
    const magic = view.getUint32(at, littleEndian);
    if (magic === PCAP_MAGIC_US) return { littleEndian, nanoseconds: false };
    if (magic === PCAP_MAGIC_NS) return { littleEndian, nanoseconds: true };
  }
  return undefined;
}

/** The packets of a classic pcap file; returns why it ended early, if it did. */
export function* readPcap(
  view: DataView,
  state: CaptureState,
): Generator<CaptureRecord, CaptureProblem | undefined, undefined> {
  const magic = pcapMagic(view, 0);
  if (magic === undefined) return { reason: "notACapture", at: 0 };
  const { littleEndian, nanoseconds } = magic;
  const end = view.byteLength;
  if (end < PCAP_HEADER_LEN) return { reason: "truncated", at: 0 };
  if (view.getUint16(4, littleEndian) !== 2) return { reason: "unknownVersion", at: 0 };
  const linkType = view.getUint32(20, littleEndian) & 0xffff;
  state.interfaces.push({
    linkType,
    snapLen: view.getUint32(16, littleEndian),
    name: undefined,
    description: undefined,
    comments: [],
  });

  let at = PCAP_HEADER_LEN;
  while (at < end) {
    if (end - at < PCAP_RECORD_HEADER_LEN) return { reason: "truncated", at };
    const fraction = view.getUint32(at + 4, littleEndian);
    const capturedLength = view.getUint32(at + 8, littleEndian);
    const data = at + PCAP_RECORD_HEADER_LEN;
    if (capturedLength > end - data) return { reason: "truncated", at };
    yield {
      interfaceId: 0,
      linkType,
      timestampUs:
        view.getUint32(at, littleEndian) * 1_000_000 +
        (nanoseconds ? Math.floor(fraction / 1000) : fraction),
      nanoseconds: nanoseconds ? fraction % 1000 : 0,
      capturedLength,
      // draft-ietf-opsawg-pcap s5: an original length below the captured one may be raised to it.
      originalLength: Math.max(view.getUint32(at + 12, littleEndian), capturedLength),
      at: data,
      direction: "unknown",
      comments: [],
    };
    at = data + capturedLength;
  }
  return undefined;
}
