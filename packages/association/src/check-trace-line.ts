import type { TraceEvent } from "@multihome/base";
import { type JsonSchema, traceLineSchema } from "./trace-schema.js";

/** A line of a trace, or what is wrong with it. */
export type TraceLineCheck =
  | { readonly ok: true; readonly event: TraceEvent }
  | { readonly ok: false; readonly problem: string };

/**
 * Reads one line of a trace.
 *
 * @param line JSON, without the newline
 */
export function checkTraceLine(line: string): TraceLineCheck {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { ok: false, problem: "it is no JSON" };
  }
  if (!isTraceEvent(value)) return { ok: false, problem: "it is no object with `at` and `kind`" };
  const schema = traceLineSchema(value.kind);
  if (schema === undefined) {
    return { ok: false, problem: `there are no lines of kind ${JSON.stringify(value.kind)}` };
  }
  const problem = whyNot(schema, value, value.kind);
  return problem === undefined ? { ok: true, event: value } : { ok: false, problem };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

// What JSON.parse gives has no other values than a TraceEvent may have.
const isTraceEvent = (value: unknown): value is TraceEvent =>
  isObject(value) && typeof value["kind"] === "string" && typeof value["at"] === "number";

/** Why a value does not keep to a schema; `undefined` if it does. */
function whyNot(s: JsonSchema, value: unknown, where: string): string | undefined {
  if (s.anyOf !== undefined) {
    const reasons = s.anyOf.map((one) => whyNot(one, value, where));
    return reasons.every((r) => r !== undefined) ? reasons[0] : undefined;
  }
  if (s.const !== undefined && value !== s.const) {
    return `${where}: got ${JSON.stringify(value)}, expected ${s.const}`;
  }
  if (s.enum !== undefined && !s.enum.some((name) => name === value)) {
    return `${where}: got ${JSON.stringify(value)}, expected one of ${s.enum.join(", ")}`;
  }
  if (s.type !== undefined && !hasType(s.type, value)) {
    return `${where}: got ${JSON.stringify(value)}, expected ${s.type}`;
  }
  if (s.minimum !== undefined && typeof value === "number" && value < s.minimum) {
    return `${where}: got ${value}, expected ${s.minimum} or more`;
  }
  if (s.pattern !== undefined && typeof value === "string" && !new RegExp(s.pattern).test(value)) {
    return `${where}: ${JSON.stringify(value.slice(0, 40))} does not match ${s.pattern}`;
  }
  if (Array.isArray(value)) return whyNotItems(s, value, where);
  return isObject(value) ? whyNotFields(s, value, where) : undefined;
}

function whyNotItems(s: JsonSchema, items: readonly unknown[], where: string): string | undefined {
  if (s.items === undefined) return undefined;
  for (const [i, item] of items.entries()) {
    const problem = whyNot(s.items, item, `${where}[${i}]`);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function whyNotFields(
  s: JsonSchema,
  value: Readonly<Record<string, unknown>>,
  where: string,
): string | undefined {
  for (const name of s.required ?? []) {
    if (!(name in value)) return `${where}: ${name} is missing`;
  }
  for (const [name, item] of Object.entries(value)) {
    const known = s.properties?.[name];
    if (known === undefined) {
      if (s.additionalProperties === false) return `${where}: ${name} is no field of it`;
      continue;
    }
    const problem = whyNot(known, item, `${where}.${name}`);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function hasType(type: JsonSchema["type"], value: unknown): boolean {
  switch (type) {
    case "integer":
      return Number.isInteger(value);
    case "array":
      return Array.isArray(value);
    case "null":
      return value === null;
    case "object":
      return isObject(value);
    default:
      return typeof value === type;
  }
}
