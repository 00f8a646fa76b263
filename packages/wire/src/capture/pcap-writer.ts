import { checkNumber } from "@multihome/base";
import {
  PCAP_HEADER_LEN,
  PCAP_MAGIC_NS,
  PCAP_MAGIC_US,
  PCAP_RECORD_HEADER_LEN,
} from "./read-pcap.js";
import { checkWrittenPacket, type WrittenPacket } from "./written-packet.js";

/** The snapshot length that tcpdump and Wireshark use for "no limit". */
const DEFAULT_SNAP_LEN = 262_144;
/** The seconds of a record have 32 bits. */
const MAX_TIMESTAMP_US = 0x100000000 * 1_000_000 - 1;

export interface PcapWriterOptions {
  /** See {@link LINK_TYPE}; 0 .. 65,535. */
  readonly linkType: number;
  /** What the header says of the most bytes kept per packet; does not cut. Default 262,144. */
  readonly snapLen?: number;
  /** Unit of the timestamps in the file. Default `us`. */
  readonly resolution?: "us" | "ns";
}

/**
 * Writes a classic pcap file (draft-ietf-opsawg-pcap), little-endian, piece by piece into a sink. Each
 * piece is a new array that the sink may keep; the first, the file header, comes from the constructor.
 */
export class PcapWriter {
  readonly #sink: (piece: Uint8Array) => void;
  readonly #nanoseconds: boolean;

  /** @throws StackError `invalidOption` */
  constructor(sink: (piece: Uint8Array) => void, options: PcapWriterOptions) {
    this.#sink = sink;
    this.#nanoseconds = options.resolution === "ns";
    const snapLen = checkNumber("snapLen", options.snapLen ?? DEFAULT_SNAP_LEN, 1, 0xffffffff);
    const linkType = checkNumber("linkType", options.linkType, 0, 0xffff);
    const piece = new Uint8Array(PCAP_HEADER_LEN);
    const view = new DataView(piece.buffer);
    view.setUint32(0, this.#nanoseconds ? PCAP_MAGIC_NS : PCAP_MAGIC_US, true);
    view.setUint16(4, 2, true);
    view.setUint16(6, 4, true);
    view.setUint32(16, snapLen, true);
    view.setUint32(20, linkType, true);
    sink(piece);
  }

  /**
   * Adds the packet `bytes[at .. end]`, which is borrowed until return.
   *
   * @param timestampUs whole microseconds since 1970, below 2^32 seconds
   * @throws StackError `invalidOption` for a time or length out of range, or bytes outside the array
   */
  writePacket(
    timestampUs: number,
    bytes: Uint8Array,
    at: number,
    end: number,
    about: WrittenPacket = {},
  ): void {
    checkNumber("timestampUs", timestampUs, 0, MAX_TIMESTAMP_US);
    const length = checkWrittenPacket(bytes, at, end, about);
    const micros = timestampUs % 1_000_000;
    const piece = new Uint8Array(PCAP_RECORD_HEADER_LEN + length);
    const view = new DataView(piece.buffer);
    view.setUint32(0, (timestampUs - micros) / 1_000_000, true);
    view.setUint32(4, this.#nanoseconds ? micros * 1000 + (about.nanoseconds ?? 0) : micros, true);
    view.setUint32(8, length, true);
    view.setUint32(12, about.originalLength ?? length, true);
    piece.set(bytes.subarray(at, end), PCAP_RECORD_HEADER_LEN);
    this.#sink(piece);
  }
}
