/** Which way a packet went, as far as the capture tells. */
export type CaptureDirection = "unknown" | "inbound" | "outbound";

/** One packet of a capture file. Its bytes stay in the file's array, from `at`. */
export interface CaptureRecord {
  /** Index into {@link Capture.interfaces}. */
  readonly interfaceId: number;
  readonly linkType: number;
  /**
   * Microseconds since 1970-01-01 UTC, rounded down; exact below 2^53. `undefined` for a simple packet
   * block, which carries no time.
   */
  readonly timestampUs: number | undefined;
  /** The nanoseconds after {@link CaptureRecord.timestampUs}, 0 .. 999; 0 where the file has none. */
  readonly nanoseconds: number;
  /** Bytes present, from `at`. */
  readonly capturedLength: number;
  /** Bytes the packet had; more than `capturedLength` if the capture cut it short. */
  readonly originalLength: number;
  /** Offset of the first byte in the array that was given to be read. */
  readonly at: number;
  readonly direction: CaptureDirection;
  readonly comments: readonly string[];
}

/** Where packets were captured. A classic pcap file has one. */
export interface CaptureInterface {
  readonly linkType: number;
  /** The most bytes kept of a packet; 0 means no limit. */
  readonly snapLen: number;
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly comments: readonly string[];
}

/** Why reading stopped before the end of the file. */
export type CaptureProblemReason =
  /** The first bytes are of no format known here. */
  | "notACapture"
  /** A file or section header of a version that cannot be read. */
  | "unknownVersion"
  /** The file ends inside a header, a record or a block. */
  | "truncated"
  /** A length that contradicts itself or its surroundings. */
  | "badLength"
  /** The byte-order magic of a section is neither of the two. */
  | "badByteOrder"
  /** A packet refers to an interface that was not described. */
  | "unknownInterface";

export interface CaptureProblem {
  readonly reason: CaptureProblemReason;
  /** Offset of the header, record or block that could not be read. */
  readonly at: number;
}

/**
 * A capture file being read: iterate it for its packets. What else the file tells is filled in on the
 * way, so read the other fields after the loop.
 */
export interface Capture extends Iterable<CaptureRecord> {
  readonly format: "pcap" | "pcapng" | "unknown";
  /** In the order of their description; with several sections, all of them one after another. */
  readonly interfaces: readonly CaptureInterface[];
  /** Why the last loop ended; `undefined` if it reached the end of the file or was left early. */
  readonly problem: CaptureProblem | undefined;
  /** Options passed over in the last loop because their length was wrong (pcapng). */
  readonly badOptions: number;
  /** Sections passed over in the last loop because of their version (pcapng). */
  readonly skippedSections: number;
}
