import { measure } from "mitata";

/**
 * Measures bodies one after the other, three times over: medians in nanoseconds per operation.
 * @param {Record<string, () => unknown>} bodies by name; each does `operations` operations
 */
export async function compare(title, operations, bodies) {
  const samples = new Map(Object.keys(bodies).map((key) => [key, []]));
  for (let round = 0; round < 3; round++) {
    for (const [key, body] of Object.entries(bodies)) {
      const { p50 } = await measure(body);
      samples.get(key).push(p50 / operations);
    }
  }
  const rows = [...samples].map(([key, values]) => ({
    name: key,
    ns: Number(values.sort((x, y) => x - y)[1].toPrecision(3)),
  }));
  return { title, rows };
}
