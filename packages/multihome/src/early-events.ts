import { Observable, Subject } from "rxjs";

/** What is kept for who subscribes late. */
const MAX_KEPT = 256;

/**
 * A hot stream whose first subscriber also gets what came before: what happens while an association is
 * set up is not lost. Keeps the last 256 at most.
 */
export class EarlyEvents<T> {
  readonly stream$: Observable<T>;
  readonly #subject: Subject<T>;
  #kept: T[] | undefined;

  constructor() {
    this.#subject = new Subject();
    this.#kept = [];
    this.stream$ = new Observable((subscriber) => {
      const kept = this.#kept;
      this.#kept = undefined;
      for (const value of kept ?? []) subscriber.next(value);
      return this.#subject.subscribe(subscriber);
    });
  }

  next(value: T): void {
    if (this.#kept === undefined) this.#subject.next(value);
    else {
      if (this.#kept.length === MAX_KEPT) this.#kept.shift();
      this.#kept.push(value);
    }
  }

  complete(): void {
    this.#subject.complete();
  }
}
