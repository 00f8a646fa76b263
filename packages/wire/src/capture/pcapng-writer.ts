import { checkNumber, StackError } from "@multihome/base";
import type { CaptureDirection } from "./capture-record.js";
import {
  BLOCK_ENHANCED_PACKET,
  BLOCK_INTERFACE_DESCRIPTION,
  BLOCK_OVERHEAD,
  BLOCK_SECTION_HEADER,
  BYTE_ORDER_MAGIC,
  EPB_FLAGS,
  IF_DESCRIPTION,
  IF_NAME,
  IF_TSRESOL,
  OPT_COMMENT,
  padded,
  SHB_HARDWARE,
  SHB_OS,
  SHB_USERAPPL,
} from "./pcapng-block.js";
import { checkWrittenPacket, type WrittenPacket } from "./written-packet.js";

/** What the file tells of the machine and program that made it. */
export interface PcapngSection {
  readonly hardware?: string;
  readonly os?: string;
  readonly application?: string;
  readonly comment?: string;
}

export interface PcapngInterface {
  /** See {@link LINK_TYPE}; 0 .. 65,535. */
  readonly linkType: number;
  readonly name?: string;
  readonly description?: string;
  readonly comment?: string;
  /** What is said of the most bytes kept per packet; does not cut. Default 0: no limit. */
  readonly snapLen?: number;
  /** Unit of the timestamps in the file. Default `us`. */
  readonly resolution?: "us" | "ns";
}

/** {@link WrittenPacket} with what only pcapng can hold. */
export interface PcapngPacket extends WrittenPacket {
  /** Default `unknown`: nothing is written. */
  readonly direction?: CaptureDirection;
  readonly comment?: string;
}

type Option = { readonly code: number; readonly value: Uint8Array };

const FLAGS: Readonly<Record<CaptureDirection, number>> = { unknown: 0, inbound: 1, outbound: 2 };
const text = new TextEncoder();

/**
 * Writes a pcapng file (draft-ietf-opsawg-pcapng), little-endian, one section, block by block into a
 * sink. Each piece is a new array that the sink may keep; the first, the section header, comes from the
 * constructor.
 *
 * @example
 * const pieces: Uint8Array[] = [];
 * const writer = new PcapngWriter((piece) => pieces.push(piece));
 * const wifi = writer.addInterface({ name: 'wifi', linkType: LINK_TYPE.raw });
 * writer.writePacket(wifi, timestampUs, bytes, 0, bytes.length, { direction: 'outbound' });
 */
export class PcapngWriter {
  readonly #sink: (piece: Uint8Array) => void;
  /** For each interface, true if its timestamps are nanoseconds. */
  readonly #nanoseconds: boolean[];

  /** @throws StackError `invalidOption` for a text above 65,535 bytes */
  constructor(sink: (piece: Uint8Array) => void, section: PcapngSection = {}) {
    this.#sink = sink;
    this.#nanoseconds = [];
    const options = textOptions([
      [OPT_COMMENT, section.comment],
      [SHB_HARDWARE, section.hardware],
      [SHB_OS, section.os],
      [SHB_USERAPPL, section.application],
    ]);
    sink(
      block(BLOCK_SECTION_HEADER, 16, options, (view) => {
        view.setUint32(8, BYTE_ORDER_MAGIC, true);
        view.setUint16(12, 1, true);
        // Minor version 0. Section length -1: not known beforehand (s4.1).
        view.setInt32(16, -1, true);
        view.setInt32(20, -1, true);
      }),
    );
  }

  /**
   * Describes an interface; it may be done between packets. Returns the id to write packets with.
   * @throws StackError `invalidOption`
   */
  addInterface(about: PcapngInterface): number {
    const linkType = checkNumber("linkType", about.linkType, 0, 0xffff);
    const snapLen = checkNumber("snapLen", about.snapLen ?? 0, 0, 0xffffffff);
    const nanoseconds = about.resolution === "ns";
    const options = textOptions([
      [OPT_COMMENT, about.comment],
      [IF_NAME, about.name],
      [IF_DESCRIPTION, about.description],
    ]);
    options.push({ code: IF_TSRESOL, value: Uint8Array.of(nanoseconds ? 9 : 6) });
    this.#sink(
      block(BLOCK_INTERFACE_DESCRIPTION, 8, options, (view) => {
        view.setUint16(8, linkType, true);
        view.setUint32(12, snapLen, true);
      }),
    );
    return this.#nanoseconds.push(nanoseconds) - 1;
  }

  /**
   * Adds the packet `bytes[at .. end]`, which is borrowed until return.
   *
   * @param timestampUs whole microseconds since 1970, below 2^53
   * @throws StackError `unknownInterface`; `invalidOption` for a time or length out of range, a text
   * above 65,535 bytes, or bytes outside the array
   */
  writePacket(
    interfaceId: number,
    timestampUs: number,
    bytes: Uint8Array,
    at: number,
    end: number,
    about: PcapngPacket = {},
  ): void {
    const nanoseconds = this.#nanoseconds[interfaceId];
    if (nanoseconds === undefined) {
      throw new StackError(
        "unknownInterface",
        `interfaceId: got ${interfaceId}, expected one that addInterface returned (${this.#nanoseconds.length} so far)`,
        { interfaceId },
      );
    }
    checkNumber("timestampUs", timestampUs, 0, Number.MAX_SAFE_INTEGER);
    const length = checkWrittenPacket(bytes, at, end, about);
    const options = textOptions([[OPT_COMMENT, about.comment]]);
    const flags = FLAGS[about.direction ?? "unknown"];
    if (flags !== 0) options.push({ code: EPB_FLAGS, value: Uint8Array.of(flags, 0, 0, 0) });
    this.#sink(
      block(BLOCK_ENHANCED_PACKET, 20 + padded(length), options, (view, piece) => {
        view.setUint32(8, interfaceId, true);
        if (nanoseconds) {
          const ns = BigInt(timestampUs) * 1000n + BigInt(about.nanoseconds ?? 0);
          view.setUint32(12, Number((ns >> 32n) & 0xffffffffn), true);
          view.setUint32(16, Number(ns & 0xffffffffn), true);
        } else {
          view.setUint32(12, Math.floor(timestampUs / 0x100000000), true);
          view.setUint32(16, timestampUs % 0x100000000, true);
        }
        view.setUint32(20, length, true);
        view.setUint32(24, about.originalLength ?? length, true);
        piece.set(bytes.subarray(at, end), 28);
      }),
    );
  }
}

/** A block with `bodyLength` bytes (a multiple of 4), filled in by `fill`, and options after them. */
function block(
  type: number,
  bodyLength: number,
  options: readonly Option[],
  fill: (view: DataView, piece: Uint8Array) => void,
): Uint8Array {
  let length = BLOCK_OVERHEAD + bodyLength;
  for (const { value } of options) length += 4 + padded(value.length);
  if (options.length > 0) length += 4;
  const piece = new Uint8Array(length);
  const view = new DataView(piece.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, length, true);
  fill(view, piece);
  let next = 8 + bodyLength;
  for (const { code, value } of options) {
    view.setUint16(next, code, true);
    view.setUint16(next + 2, value.length, true);
    piece.set(value, next + 4);
    next += 4 + padded(value.length);
  }
  // opt_endofopt is code 0, length 0: the zeros that are there.
  view.setUint32(length - 4, length, true);
  return piece;
}

function textOptions(texts: readonly (readonly [number, string | undefined])[]): Option[] {
  const options: Option[] = [];
  for (const [code, written] of texts) {
    if (written === undefined) continue;
    const value = text.encode(written);
    if (value.length > 0xffff) {
      throw new StackError(
        "invalidOption",
        `text of a capture option: got ${value.length} bytes, expected at most 65535`,
        { code, length: value.length },
      );
    }
    options.push({ code, value });
  }
  return options;
}
