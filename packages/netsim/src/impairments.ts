import { type RandomSource, randomBelow, randomFraction } from "@multihome/base";
import type { BurstLoss, Jitter } from "./link-params.js";
import type { SimPacket } from "./sim-packet.js";

// Draws of one link. Only additions and multiplications: Math.log and Math.cos may differ between
// platforms in the last digit, and a run must be the same everywhere.

/** The two states of Gilbert-Elliott loss. */
export class BurstLossState {
  #bad: boolean;

  constructor() {
    this.#bad = false;
  }

  /** Moves to the next packet's state and draws whether that packet is lost. */
  loses(random: RandomSource, model: BurstLoss): boolean {
    this.#bad = this.#bad ? !chance(random, model.r) : chance(random, model.p);
    return chance(random, this.#bad ? (model.lossBad ?? 1) : (model.lossGood ?? 0));
  }
}

/** True with probability `p`. Draws nothing for 0 and 1. */
export function chance(random: RandomSource, p: number): boolean {
  if (p <= 0) return false;
  return p >= 1 || randomFraction(random) < p;
}

/** Microseconds to add to the delay; may be negative. */
export function drawJitter(random: RandomSource, jitter: Jitter): number {
  switch (jitter.kind) {
    case "none":
      return 0;
    case "uniform":
      return Math.round((2 * randomFraction(random) - 1) * jitter.ms * 1000);
    case "normal":
      return Math.round(drawNormal(random) * jitter.sigmaMs * 1000);
  }
}

/** About normal, with mean 0 and deviation 1: the sum of twelve fractions; cut off at -3 and 3. */
function drawNormal(random: RandomSource): number {
  for (;;) {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += randomFraction(random);
    // One draw in 400 lies outside.
    if (sum >= -3 && sum <= 3) return sum;
  }
}

/** Flips `bits` bits of the payload, drawn with repetition but never so that all fall out again. */
export function flipBits(random: RandomSource, packet: SimPacket, bits: number): void {
  const length = packet.end - packet.start;
  if (length === 0) return;
  const first = randomBelow(random, length * 8);
  flip(packet, first);
  for (let i = 1; i < bits; i++) {
    const bit = randomBelow(random, length * 8);
    if (bit !== first) flip(packet, bit);
  }
}

function flip(packet: SimPacket, bit: number): void {
  const at = packet.start + (bit >> 3);
  packet.view.setUint8(at, packet.view.getUint8(at) ^ (0x80 >> (bit & 7)));
}
