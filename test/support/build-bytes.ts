/** Writes something at `at` and returns how many bytes it took. */
export type Write = (view: DataView, at: number, bytes: Uint8Array) => number;

/** The bytes that `writes` make, one after another; at most 4000. */
export function built(...writes: readonly Write[]): Uint8Array {
  const bytes = new Uint8Array(4000);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const write of writes) at += write(view, at, bytes);
  return bytes.slice(0, at);
}

/** Copies `source`. */
export const put =
  (source: Uint8Array): Write =>
  (_view, at, bytes) => {
    bytes.set(source, at);
    return source.length;
  };

/** `length` bytes that follow from nothing but their place. */
export const filler = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 7 + 1) & 0xff);
