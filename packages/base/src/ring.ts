/** What empty rings have in common; never written. */
const NOTHING: never[] = [];
const FIRST_SIZE = 8;

/** A queue in a growing ring: push, take and index in constant time. An empty one that was never used takes no room. */
export class Ring<T> {
  #items: (T | undefined)[];
  #mask: number;
  #head: number;
  #length: number;

  constructor() {
    this.#items = NOTHING;
    this.#mask = -1;
    this.#head = 0;
    this.#length = 0;
  }

  get length(): number {
    return this.#length;
  }

  /** Adds at the end. */
  push(item: T): void {
    if (this.#length > this.#mask) this.#grow();
    this.#items[(this.#head + this.#length) & this.#mask] = item;
    this.#length++;
  }

  /** Adds at the front. */
  unshift(item: T): void {
    if (this.#length > this.#mask) this.#grow();
    this.#head = (this.#head - 1) & this.#mask;
    this.#items[this.#head] = item;
    this.#length++;
  }

  /** Takes the first, or `undefined` when empty. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head = (this.#head + 1) & this.#mask;
    this.#length--;
    return item;
  }

  /** The item `i` places after the first, or `undefined` when there is none. */
  at(i: number): T | undefined {
    return i >= 0 && i < this.#length ? this.#items[(this.#head + i) & this.#mask] : undefined;
  }

  /** The first item, left in place. */
  peek(): T | undefined {
    return this.at(0);
  }

  /** Empties it, and gives its room back. */
  clear(): void {
    this.#items = NOTHING;
    this.#mask = -1;
    this.#head = 0;
    this.#length = 0;
  }

  #grow(): void {
    const old = this.#items;
    const size = old.length === 0 ? FIRST_SIZE : old.length * 2;
    const next = new Array<T | undefined>(size).fill(undefined);
    for (let i = 0; i < this.#length; i++) next[i] = old[(this.#head + i) & this.#mask];
    this.#items = next;
    this.#mask = size - 1;
    this.#head = 0;
  }
}
