import type { Capture, CaptureInterface, CaptureProblem, CaptureRecord } from "./capture-record.js";
import type { CaptureState } from "./capture-state.js";
import { BLOCK_SECTION_HEADER } from "./pcapng-block.js";
import { pcapMagic, readPcap } from "./read-pcap.js";
import { readPcapng } from "./read-pcapng.js";

/**
 * Opens the bytes of a capture file: classic pcap (micro- or nanoseconds) or pcapng, of either byte
 * order. Nothing in the bytes makes it throw: the loop ends where the file cannot be read further, and
 * {@link Capture.problem} says why.
 *
 * @param bytes the whole file; borrowed for as long as the result is used
 * @example
 * const capture = readCapture(bytes);
 * for (const packet of capture) console.log(packet.timestampUs, packet.capturedLength);
 * if (capture.problem !== undefined) console.warn(capture.problem.reason, capture.problem.at);
 */
export function readCapture(bytes: Uint8Array): Capture {
  return new CaptureFile(bytes);
}

class CaptureFile implements Capture {
  readonly format: "pcap" | "pcapng" | "unknown";
  readonly #view: DataView;
  #state: CaptureState;
  #problem: CaptureProblem | undefined;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#state = emptyState();
    this.#problem = undefined;
    if (pcapMagic(this.#view, 0) !== undefined) this.format = "pcap";
    else if (bytes.length >= 4 && this.#view.getUint32(0) === BLOCK_SECTION_HEADER) {
      this.format = "pcapng";
    } else this.format = "unknown";
  }

  get interfaces(): readonly CaptureInterface[] {
    return this.#state.interfaces;
  }

  get problem(): CaptureProblem | undefined {
    return this.#problem;
  }

  get badOptions(): number {
    return this.#state.badOptions;
  }

  get skippedSections(): number {
    return this.#state.skippedSections;
  }

  *[Symbol.iterator](): Generator<CaptureRecord, void, undefined> {
    const state = emptyState();
    this.#state = state;
    this.#problem = undefined;
    const packets =
      this.format === "pcapng" ? readPcapng(this.#view, state) : readPcap(this.#view, state);
    this.#problem = yield* packets;
  }
}

function emptyState(): CaptureState {
  return { interfaces: [], badOptions: 0, skippedSections: 0 };
}
