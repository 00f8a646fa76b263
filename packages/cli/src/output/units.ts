const SIZES = ["B", "KiB", "MiB", "GiB", "TiB"];

/** `64.0 MiB` */
export function formatBytes(bytes: number): string {
  let n = bytes;
  let i = 0;
  while (n >= 1024 && i < SIZES.length - 1) {
    n /= 1024;
    i++;
  }
  return `${i === 0 ? n : n.toFixed(1)} ${SIZES[i]}`;
}

const RATES = ["bit/s", "kbit/s", "Mbit/s", "Gbit/s"];

/** `94.2 Mbit/s` */
export function formatRate(bitsPerSecond: number): string {
  let n = bitsPerSecond;
  let i = 0;
  while (n >= 1000 && i < RATES.length - 1) {
    n /= 1000;
    i++;
  }
  return `${i === 0 ? Math.round(n) : n.toFixed(1)} ${RATES[i]}`;
}

/** Milliseconds as `0.123 ms`, `61.2 ms`, `1.24 s`, `2 min 5 s`. */
export function formatMs(ms: number): string {
  if (ms < 1) return `${ms.toFixed(3)} ms`;
  if (ms < 1000) return `${ms.toFixed(1)} ms`;
  if (ms < 120_000) return `${(ms / 1000).toFixed(2)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
