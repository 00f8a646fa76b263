import type { FlagNames } from "./chunk-node.js";

/**
 * The T bit in the flags of ABORT and SHUTDOWN COMPLETE: the packet's verification tag is the one that
 * came, not the one that the receiver expects. RFC 9260 s3.3.7, s3.3.13
 */
export const REFLECTED_TAG = 1;

export const REFLECTED_TAG_NAMES: FlagNames = [[REFLECTED_TAG, "reflectedTag"]];
