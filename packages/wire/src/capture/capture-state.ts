import type { CaptureInterface } from "./capture-record.js";

/** What a reader of either format collects beside the packets. */
export interface CaptureState {
  readonly interfaces: CaptureInterface[];
  badOptions: number;
  skippedSections: number;
}
