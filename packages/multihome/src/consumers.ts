import { Ring, StackError } from "@multihome/base";
import { Observable, type Subscriber } from "rxjs";

interface Waiter<T> {
  readonly owner: object;
  readonly resolve: (result: IteratorResult<T, undefined>) => void;
  readonly reject: (error: StackError) => void;
}

/**
 * Those who want values: subscribers, who all get each, or iterators, who take turns. One way at a
 * time, so that nobody loses values to another unawares.
 */
export class Consumers<T> {
  /** Hot: a subscriber gets what is taken from the source while it is subscribed. */
  readonly stream$: Observable<T>;
  readonly #what: string;
  readonly #onDemand: () => void;
  /** Replaced, never changed: a subscriber may come or go while a value is given out. */
  #subscribers: readonly Subscriber<T>[];
  readonly #waiters: Ring<Waiter<T>>;
  /** Iterators that began and did not finish, waiting or not. */
  readonly #iterators: Set<object>;
  #ended: boolean;
  #error: StackError | undefined;

  /**
   * @param what what is read, for errors
   * @param onDemand called when somebody begins to want values; may call {@link Consumers.take} at once
   */
  constructor(what: string, onDemand: () => void) {
    this.#what = what;
    this.#onDemand = onDemand;
    this.#subscribers = [];
    this.#waiters = new Ring();
    this.#iterators = new Set();
    this.#ended = false;
    this.#error = undefined;
    this.stream$ = new Observable((subscriber) => this.#subscribe(subscriber));
  }

  /** True if somebody would take a value now. */
  get wants(): boolean {
    return this.#waiters.length > 0 || this.#subscribers.length > 0;
  }

  /** True if somebody reads, even if it is busy with the last value. */
  get active(): boolean {
    return this.#iterators.size > 0 || this.#subscribers.length > 0;
  }

  /** Gives a value to who wants it. Only while {@link Consumers.wants}. */
  take(value: T): void {
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      waiter.resolve({ done: false, value });
      return;
    }
    for (const subscriber of this.#subscribers) subscriber.next(value);
  }

  /**
   * Nothing follows. Subscribers complete; iterators finish, or throw the error once.
   * @param error why it ended too early, if it did
   */
  end(error: StackError | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    for (let w = this.#waiters.shift(); w !== undefined; w = this.#waiters.shift()) {
      if (this.#error === undefined) w.resolve(DONE);
      else {
        w.reject(this.#error);
        this.#error = undefined;
      }
    }
    this.#iterators.clear();
    const subscribers = this.#subscribers;
    this.#subscribers = [];
    for (const subscriber of subscribers) subscriber.complete();
  }

  /** An iterator over what comes; what is not asked for stays at the source. */
  iterate(): AsyncIterableIterator<T> {
    const owner = {};
    let over = false;
    const iterator: AsyncIterableIterator<T> = {
      next: () => (over ? Promise.resolve(DONE) : this.#next(owner)),
      return: () => {
        over = true;
        this.#dismiss(owner);
        return Promise.resolve(DONE);
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  #next(owner: object): Promise<IteratorResult<T, undefined>> {
    if (this.#subscribers.length > 0) return Promise.reject(this.#conflict());
    if (this.#ended) {
      const error = this.#error;
      this.#error = undefined;
      return error === undefined ? Promise.resolve(DONE) : Promise.reject(error);
    }
    this.#iterators.add(owner);
    return new Promise((resolve, reject) => {
      this.#waiters.push({ owner, resolve, reject });
      this.#onDemand();
    });
  }

  #dismiss(owner: object): void {
    this.#iterators.delete(owner);
    for (let n = this.#waiters.length; n > 0; n--) {
      const w = this.#waiters.shift();
      if (w === undefined) return;
      if (w.owner === owner) w.resolve(DONE);
      else this.#waiters.push(w);
    }
  }

  #subscribe(subscriber: Subscriber<T>): (() => void) | undefined {
    if (this.#ended) {
      subscriber.complete();
      return undefined;
    }
    if (this.#waiters.length > 0) {
      subscriber.error(this.#conflict());
      return undefined;
    }
    this.#subscribers = [...this.#subscribers, subscriber];
    // Later, so that those who subscribe in the same breath get the same values.
    queueMicrotask(() => {
      if (this.#subscribers.includes(subscriber)) this.#onDemand();
    });
    return () => {
      this.#subscribers = this.#subscribers.filter((s) => s !== subscriber);
    };
  }

  #conflict(): StackError {
    return new StackError(
      "alreadyReading",
      `${this.#what} are read by subscription or by iteration, not both at a time`,
    );
  }
}

const DONE: { readonly done: true; readonly value: undefined } = { done: true, value: undefined };
