/**
 * Cube root of x, a finite number, 0 or more. By basic operations only, so that it is the same to the
 * last bit on every engine; Math.cbrt need not be.
 */
export function cubeRoot(x: number): number {
  if (x === 0) return 0;
  let mantissa = x;
  let scale = 1;
  for (; mantissa >= 8; mantissa /= 8) scale *= 2;
  for (; mantissa < 1; mantissa *= 8) scale /= 2;
  // Newton's method; the chord from (1, 1) to (8, 2) is within 15% at first.
  let y = 1 + (mantissa - 1) / 7;
  for (let i = 0; i < 5; i++) y = (2 * y + mantissa / (y * y)) / 3;
  return y * scale;
}
