/*
 * pcapng, draft-ietf-opsawg-pcapng s3.1: every block is
 *
 *    0 type  4 total length  8 body, padded to 32 bits  then the total length again
 *
 * in the byte order of its section.
 */
export const BLOCK_SECTION_HEADER = 0x0a0d0d0a;
export const BLOCK_INTERFACE_DESCRIPTION = 1;
/** Obsolete (appendix A), read but never written. */
export const BLOCK_PACKET = 2;
export const BLOCK_SIMPLE_PACKET = 3;
export const BLOCK_ENHANCED_PACKET = 6;

/** Type, length and trailing length. */
export const BLOCK_OVERHEAD = 12;
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
export const SECTION_HEADER_MIN_LEN = 28;

export const OPT_END_OF_OPT = 0;
export const OPT_COMMENT = 1;
export const SHB_HARDWARE = 2;
export const SHB_OS = 3;
export const SHB_USERAPPL = 4;
export const IF_NAME = 2;
export const IF_DESCRIPTION = 3;
export const IF_TSRESOL = 9;
export const IF_TSOFFSET = 14;
/** Also pack_flags of the obsolete packet block, with the same meaning. */
export const EPB_FLAGS = 2;

/** Length with the padding to 32 bits. */
export const padded = (length: number): number => (length + 3) & ~3;
