import { StackError } from "@multihome/base";
import type { Fault } from "./fault.js";

type Field = "path" | "text" | "direction" | "side" | "params" | "param" | "number";

type Fields = Readonly<Record<string, Field>>;

const ON_LINK: Fields = { direction: "direction", side: "side" };
const ADDRESS: Fields = { side: "side", address: "text" };

/** What each kind of fault must and may have besides `kind` and `path`. */
const FIELDS: Readonly<Record<Fault["kind"], { readonly must: Fields; readonly may: Fields }>> = {
  cut: { must: {}, may: ON_LINK },
  heal: { must: {}, may: ON_LINK },
  icmpUnreachable: { must: {}, may: ON_LINK },
  linkDown: { must: {}, may: { side: "side" } },
  linkUp: { must: {}, may: { side: "side" } },
  setLink: { must: { params: "params" }, may: ON_LINK },
  ramp: {
    must: { param: "param", to: "number", overMs: "number" },
    may: { ...ON_LINK, steps: "number" },
  },
  natRebind: { must: {}, may: { address: "text" } },
  addressRemoved: { must: {}, may: ADDRESS },
  addressAdded: { must: {}, may: ADDRESS },
};

const ALLOWED: Readonly<Record<Field, string>> = {
  path: "a whole number from 0",
  text: "a text",
  direction: "both, aToZ or zToA",
  side: "a or z",
  params: "an object of link parameters",
  param: "rateBps, delayMs or loss",
  number: "a number from 0",
};

/**
 * Checks a fault that comes from a file. Values of link parameters and addresses are checked when the
 * fault is applied.
 * @throws StackError `invalidFault`, naming the field
 */
export function parseFault(value: unknown): Fault {
  if (!isRecord(value)) return refuse("fault", value, "an object");
  assertFault(value);
  return value;
}

function assertFault(
  value: Record<string, unknown>,
): asserts value is Record<string, unknown> & Fault {
  const { kind } = value;
  const fields = Object.entries(FIELDS).find(([name]) => name === kind)?.[1];
  if (fields === undefined) return refuse("kind", kind, `one of ${Object.keys(FIELDS).join(", ")}`);
  const must: Fields = { path: "path", ...fields.must };
  const all: Fields = { ...must, ...fields.may };
  for (const [name, got] of Object.entries(value)) {
    if (name === "kind") continue;
    const field = Object.hasOwn(all, name) ? all[name] : undefined;
    if (field === undefined) refuse(name, got, `only ${Object.keys(all).join(", ")} for ${kind}`);
    else if (!holds(field, got)) refuse(name, got, ALLOWED[field]);
  }
  for (const [name, field] of Object.entries(must)) {
    if (!Object.hasOwn(value, name)) refuse(name, undefined, ALLOWED[field]);
  }
}

function holds(field: Field, value: unknown): boolean {
  switch (field) {
    case "path":
      return Number.isInteger(value) && typeof value === "number" && value >= 0;
    case "text":
      return typeof value === "string";
    case "direction":
      return value === "both" || value === "aToZ" || value === "zToA";
    case "side":
      return value === "a" || value === "z";
    case "params":
      return isRecord(value);
    case "param":
      return value === "rateBps" || value === "delayMs" || value === "loss";
    case "number":
      return typeof value === "number" && Number.isFinite(value) && value >= 0;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function refuse(field: string, got: unknown, expected: string): never {
  throw new StackError(
    "invalidFault",
    `${field}: got ${JSON.stringify(got)}, expected ${expected}`,
    { field, got },
  );
}
