/** Counts under fixed names: each drop and decision that docs/counters.md explains. */
export type Counters<Name extends string> = Record<Name, number>;

/** A set of counters, all 0. The names are the keys, in this order. */
export function makeCounters<Name extends string>(names: readonly Name[]): Counters<Name> {
  const counters = {} as Counters<Name>;
  for (const name of names) counters[name] = 0;
  // V8 keeps an object that was filled name by name as a hash table: counting would take 10 ns, not 0.5.
  // A copy has the layout of an object literal.
  return { ...counters };
}
