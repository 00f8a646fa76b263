/** The add-on: CRC32c by the processor's instruction, or by tables in C where it has none. */
export interface NativeCrc32c {
  /**
   * CRC32c of `bytes[start .. end)`, 0 .. 2^32 - 1. Borrows the bytes until return.
   * @throws RangeError `code: 'invalidArgument'` unless both are numbers and
   *   `0 <= start <= end <= bytes.length`
   * @throws TypeError `code: 'invalidArgument'` if `bytes` is not a Uint8Array
   */
  readonly crc32c: (bytes: Uint8Array, start: number, end: number) => number;
  /** The same by tables, as on a machine without the instruction: for tests. */
  readonly crc32cByTables: (bytes: Uint8Array, start: number, end: number) => number;
  /** What `crc32c` uses here. */
  readonly implementation: "sse4.2" | "armv8" | "table";
}

const IMPLEMENTATIONS: readonly unknown[] = ["sse4.2", "armv8", "table"];

/** True if a loaded add-on has the shape of this version. */
export function isNativeCrc32c(addon: unknown): addon is NativeCrc32c {
  return (
    typeof addon === "object" &&
    addon !== null &&
    "crc32c" in addon &&
    typeof addon.crc32c === "function" &&
    "crc32cByTables" in addon &&
    typeof addon.crc32cByTables === "function" &&
    "implementation" in addon &&
    IMPLEMENTATIONS.includes(addon.implementation)
  );
}
