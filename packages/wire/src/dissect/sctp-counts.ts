import {
  CHUNK_HEADER_LENGTH,
  checkChunk,
  chunkLength,
  chunkType,
  nextChunk,
} from "../sctp/chunk.js";
import { ChunkType, chunkTypeName } from "../sctp/chunk-type.js";
import { checkSctpHeader, SCTP_HEADER_LENGTH } from "../sctp/common-header.js";
import {
  CAUSE_HEADER_LENGTH,
  causeCode,
  checkCause,
  ErrorCause,
  nextCause,
} from "../sctp/error-cause.js";
import { checkParameter, nextParameter, parameterType } from "../sctp/parameter.js";
import { ParameterType } from "../sctp/parameter-type.js";
import type { ChecksumState } from "./layer-checksum.js";
import type { Layer } from "./packet-layers.js";
import { Tally } from "./tally.js";

/** What a capture holds of SCTP. */
export interface SctpSummary {
  /**
   * Chunks by name, such as `INIT_ACK`, unknown ones by number. A chunk that an ERROR or ABORT quotes as
   * unrecognized counts too.
   */
  readonly sctp_chunks: Readonly<Record<string, number>>;
  /** Packets whose CRC32c is wrong, zero included. */
  readonly sctp_bad_crc32c: number;
  /** Parameters of RE-CONFIG chunks by name; absent without any such chunk. */
  readonly sctp_reconfig_parameters?: Readonly<Record<string, number>>;
  /** Causes of ERROR and ABORT chunks by code; absent if there are none. */
  readonly sctp_error_causes?: Readonly<Record<string, number>>;
}

const RE_CONFIG_PARAMETERS: ReadonlyMap<number, string> = new Map([
  [ParameterType.outgoingSsnResetRequest, "OUT_SSN_RESET"],
  [ParameterType.incomingSsnResetRequest, "IN_SSN_RESET"],
  [ParameterType.ssnTsnResetRequest, "SSN_TSN_RESET"],
  [ParameterType.reconfigurationResponse, "RESPONSE"],
  [ParameterType.addOutgoingStreamsRequest, "ADD_OUT"],
  [ParameterType.addIncomingStreamsRequest, "ADD_IN"],
]);

/** Counts chunks, parameters and causes; what is malformed ends the walk through its list. */
export class SctpCounts {
  readonly #chunks: Tally;
  readonly #reConfigParameters: Tally;
  readonly #causes: Tally;
  #reConfigs: number;
  #badCrc32c: number;

  constructor() {
    this.#chunks = new Tally();
    this.#reConfigParameters = new Tally();
    this.#causes = new Tally();
    this.#reConfigs = 0;
    this.#badCrc32c = 0;
  }

  add(view: DataView, { at, end }: Layer, checksum: ChecksumState): void {
    if (checksum === "wrong" || checksum === "absent") this.#badCrc32c++;
    if (checkSctpHeader(view, at, end) !== "ok") return;
    let chunk = at + SCTP_HEADER_LENGTH;
    while (chunk < end && checkChunk(view, chunk, end) === "ok") {
      this.#addChunk(view, chunk);
      chunk = nextChunk(view, chunk);
    }
  }

  toSummary(): SctpSummary {
    return {
      sctp_chunks: this.#chunks.toRecord(),
      sctp_bad_crc32c: this.#badCrc32c,
      ...(this.#reConfigs === 0
        ? {}
        : { sctp_reconfig_parameters: this.#reConfigParameters.toRecord() }),
      ...(this.#causes.isEmpty ? {} : { sctp_error_causes: this.#causes.toRecord() }),
    };
  }

  /** `at` is that of a chunk which was checked. */
  #addChunk(view: DataView, at: number): void {
    const type = chunkType(view, at);
    this.#chunks.add(countedName(type));
    const end = at + chunkLength(view, at);
    const value = at + CHUNK_HEADER_LENGTH;
    if (type === ChunkType.reConfig) {
      this.#reConfigs++;
      for (let p = value; checkParameter(view, p, end) === "ok"; p = nextParameter(view, p)) {
        const known = parameterType(view, p);
        this.#reConfigParameters.add(RE_CONFIG_PARAMETERS.get(known) ?? String(known));
      }
    } else if (type === ChunkType.error || type === ChunkType.abort) {
      for (let c = value; checkCause(view, c, end) === "ok"; c = nextCause(view, c)) {
        this.#addCause(view, c, end);
      }
    }
  }

  #addCause(view: DataView, at: number, end: number): void {
    const code = causeCode(view, at);
    this.#causes.add(String(code));
    const quoted = at + CAUSE_HEADER_LENGTH;
    if (code === ErrorCause.unrecognizedChunkType && quoted < end) {
      this.#chunks.add(countedName(chunkType(view, quoted)));
    }
  }
}

/** `INIT ACK` as `INIT_ACK`, `chunk 62` as `62`. */
const countedName = (type: number): string =>
  chunkTypeName(type).replace("chunk ", "").replaceAll(/[ -]/g, "_");
