import { checkNumber, StackError } from "@multihome/base";

/** What can be told of a packet beside its bytes and its time. */
export interface WrittenPacket {
  /** Nanoseconds after the whole microsecond, 0 .. 999; kept with resolution `ns` only. Default 0. */
  readonly nanoseconds?: number;
  /** Bytes the packet had before it was cut short. Default: it was not. */
  readonly originalLength?: number;
}

/**
 * Checks what a writer was given; returns the packet's length.
 * @throws StackError `invalidOption`
 */
export function checkWrittenPacket(
  bytes: Uint8Array,
  at: number,
  end: number,
  about: WrittenPacket,
): number {
  const whole = Number.isInteger(at) && Number.isInteger(end);
  if (!whole || at < 0 || at > end || end > bytes.length) {
    throw new StackError(
      "invalidOption",
      `packet: got bytes ${at} to ${end}, expected 0 <= at <= end <= ${bytes.length}`,
      { at, end, length: bytes.length },
    );
  }
  if (about.nanoseconds !== undefined) checkNumber("nanoseconds", about.nanoseconds, 0, 999);
  if (about.originalLength !== undefined) {
    checkNumber("originalLength", about.originalLength, end - at, 0xffffffff);
  }
  return end - at;
}
