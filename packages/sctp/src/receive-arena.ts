/** Bytes of a page, unless one chunk is larger. */
export const PAGE_BYTES = 65_536;
/** The first page is small, each further one twice as large: most associations hear little at a time. */
const FIRST_PAGE_BYTES = 2048;
const NO_PAGE = new Uint8Array(0);

/** Bytes of one or more fragments that follow each other in one page. */
export interface Piece {
  readonly page: Uint8Array;
  readonly at: number;
  length: number;
}

/**
 * Where received user data is copied to, once. Pages are filled front to back, so the fragments of a
 * message that arrive in order lie side by side and become one piece without a second copy. A page
 * lives as long as somebody holds a view on it.
 */
export class ReceiveArena {
  /** Pages begun since the owner last set it to 0. */
  pagesBegun: number;
  #page: Uint8Array;
  #used: number;

  constructor() {
    this.pagesBegun = 0;
    this.#page = NO_PAGE;
    this.#used = 0;
  }

  /** Copies `from[start .. end]`. When `after` is the piece laid down last, it grows and is returned. */
  store(from: Uint8Array, start: number, end: number, after: Piece | undefined): Piece {
    const length = end - start;
    const page = this.#page;
    const used = this.#used;
    if (page.length - used >= length) {
      page.set(from.subarray(start, end), used);
      this.#used = used + length;
      if (after !== undefined && after.page === page && after.at + after.length === used) {
        after.length += length;
        return after;
      }
      return { page, at: used, length };
    }
    const size = Math.min(PAGE_BYTES, Math.max(FIRST_PAGE_BYTES, 2 * page.length));
    const fresh = new Uint8Array(Math.max(size, length));
    fresh.set(from.subarray(start, end), 0);
    this.#page = fresh;
    this.#used = length;
    this.pagesBegun++;
    return { page: fresh, at: 0, length };
  }

  /** Leaves its page to those who hold views on it, and begins small again. */
  rest(): void {
    this.#page = NO_PAGE;
    this.#used = 0;
  }
}

/** The bytes of the pieces in one array: a view when there is one piece, otherwise a copy. */
export function joinPieces(pieces: readonly Piece[], total: number): Uint8Array {
  const first = pieces[0];
  if (first !== undefined && pieces.length === 1) {
    return first.page.subarray(first.at, first.at + first.length);
  }
  const out = new Uint8Array(total);
  let at = 0;
  for (const piece of pieces) {
    out.set(piece.page.subarray(piece.at, piece.at + piece.length), at);
    at += piece.length;
  }
  return out;
}
