import type { Instant } from "@multihome/base";
import { LossBasedControl } from "./loss-based-control.js";

/** The congestion control of RFC 9260 s7.2, for one destination. */
export class SctpNewReno extends LossBasedControl {
  readonly name: string = "newreno";

  /** RFC 9260 s7.2.3: half, but not below 4 PMDCS, also when the window was smaller. */
  protected override windowAfterLoss(): number {
    return Math.max(Math.floor(this.window / 2), 4 * this.pmdcsBytes);
  }

  /** RFC 9260 s7.2.2: one PMDCS for each window acknowledged, if the window was in use. */
  protected override avoidCongestion(
    _now: Instant,
    ackedBytes: number,
    duplicateBytes: number,
    flightSizeBefore: number,
  ): void {
    this.partial += ackedBytes + duplicateBytes;
    if (flightSizeBefore < this.window) {
      if (this.partial > this.window) this.partial = this.window;
    } else if (this.partial >= this.window) {
      this.partial -= this.window;
      this.window += this.pmdcsBytes;
    }
  }
}
