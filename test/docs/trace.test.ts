import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { type JsonSchema, TRACE_KINDS, TRACE_SCHEMA } from "@multihome/association";
import type { TraceEvent } from "@multihome/base";
import { recording, runSchedule } from "@multihome/testkit";
import { checkTraceLine } from "multihome";

const read = (name: string): string =>
  readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");
const page = read("trace.md");
const published: JsonSchema = JSON.parse(read("trace.schema.json"));

const names = (text: string): string[] => [...text.matchAll(/`(\w+\??)`/g)].map((m) => m[1] ?? "");
const rows = [...page.matchAll(/^\| `(\w+)` \| (.*?) \| .* \|$/gm)];
const decision = names(/Fields of a decision: ([^:]*)/.exec(page)?.[1] ?? "");

describe("docs/trace.md", () => {
  test("lists every kind of line, and no other", () => {
    expect(rows.map((row) => row[1]).sort()).toEqual(Object.keys(TRACE_KINDS).sort());
  });

  test.each(rows.map((row) => [row[1] ?? "", row[2] ?? ""]))(
    "%s has its fields",
    (kind, fields) => {
      expect(fields === "*of a decision*" ? decision : names(fields)).toEqual(TRACE_KINDS[kind]);
    },
  );
});

const isObject = (v: unknown): v is Record<string, unknown> =>
  typeof v === "object" && v !== null && !Array.isArray(v);

/** Checks a value as JSON Schema 2020-12 says, for the words that the schema uses; throws for others. */
function valid(s: JsonSchema, v: unknown): boolean {
  const { $schema, title, type, enum: list, minimum, pattern, items, anyOf, ...rest } = s;
  const { const: only, required = [], properties = {}, additionalProperties, ...unknown } = rest;
  if (Object.keys(unknown).length > 0) throw new Error(`the schema uses ${Object.keys(unknown)}`);
  const types = {
    integer: Number.isInteger(v),
    array: Array.isArray(v),
    null: v === null,
    object: isObject(v),
    string: typeof v === "string",
    number: typeof v === "number",
    boolean: typeof v === "boolean",
  };
  return (
    (type === undefined || types[type]) &&
    (only === undefined || v === only) &&
    (list === undefined || list.some((name) => name === v)) &&
    (minimum === undefined || typeof v !== "number" || v >= minimum) &&
    (pattern === undefined || typeof v !== "string" || new RegExp(pattern).test(v)) &&
    (items === undefined || !Array.isArray(v) || v.every((x) => valid(items, x))) &&
    (anyOf === undefined || anyOf.some((one) => valid(one, v))) &&
    (!isObject(v) ||
      (required.every((name) => name in v) &&
        Object.entries(v).every(([name, x]) => {
          const known = properties[name];
          return known === undefined ? additionalProperties !== false : valid(known, x);
        })))
  );
}

describe("docs/trace.schema.json", () => {
  const events: TraceEvent[] = [];
  runSchedule(
    {
      seed: 4,
      topology: { delaysMs: [10, 25, 40] },
      ops: [
        { op: "send", side: "a", bytes: 3000, count: 10, lifetimeMs: 500 },
        { op: "icmpUnreachable", path: 0 },
        { op: "advance", ms: 300 },
        { op: "linkDown", path: 1, side: "a" },
        { op: "send", side: "z", bytes: 300, count: 10, stream: 1 },
        { op: "advance", ms: 900 },
      ],
    },
    recording((e) => events.push(e)),
  );
  const lines = events.map((e) => JSON.stringify(e));

  test("is the schema that the package exports", () => {
    expect(published).toEqual(TRACE_SCHEMA);
  });

  test("every line of a run is valid", () => {
    expect(lines.length).toBeGreaterThan(300);
    expect(lines.filter((line) => !valid(published, JSON.parse(line)))).toEqual([]);
  });

  test("checkTraceLine says the same as the schema, of good lines and of damaged ones", () => {
    const damaged = lines.flatMap((line, i) => {
      const e = JSON.parse(line);
      const name = Object.keys(e)[2 + (i % 5)];
      if (name === undefined) return [line];
      const { [name]: _, ...without } = e;
      return [{ ...e, [name]: i % 2 === 0 ? "no" : -1 }, without, { ...e, more: 1 }].map((x) =>
        JSON.stringify(x),
      );
    });
    const all = [...lines, ...damaged];
    const refused = all.filter((line) => !valid(published, JSON.parse(line)));
    expect(all.filter((line) => !checkTraceLine(line).ok)).toEqual(refused);
    expect(refused.length).toBeGreaterThan(lines.length);
  });

  test.each(["", "{", "[]", "null", '{"at":1}', '{"at":1,"kind":"gossip"}', '"trace"'])(
    "%j is no line",
    (line) => {
      expect(checkTraceLine(line)).toEqual({ ok: false, problem: expect.any(String) });
    },
  );
});
