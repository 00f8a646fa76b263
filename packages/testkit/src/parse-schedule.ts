import { StackError } from "@multihome/base";
import { parseFault } from "@multihome/netsim";
import type { Op, OpKind, Schedule, Topology } from "./op.js";

type Check = (value: unknown) => boolean;

interface Field {
  readonly check: Check;
  /** What is allowed, in words. */
  readonly words: string;
  readonly optional?: boolean;
}

type Fields = Readonly<Record<string, Field>>;

const number = (min: number, max: number, words: string): Field => ({
  check: (v) => typeof v === "number" && v >= min && v <= max,
  words,
});
const whole = (min: number, max = Number.MAX_SAFE_INTEGER): Field => ({
  check: (v) => Number.isInteger(v) && typeof v === "number" && v >= min && v <= max,
  words:
    max === Number.MAX_SAFE_INTEGER
      ? `a whole number from ${min}`
      : `a whole number from ${min} to ${max}`,
});
const oneOf = (...allowed: readonly string[]): Field => ({
  check: (v) => typeof v === "string" && allowed.includes(v),
  words: `one of ${allowed.join(", ")}`,
});
const bool: Field = { check: (v) => typeof v === "boolean", words: "true or false" };
const text: Field = { check: (v) => typeof v === "string", words: "a text" };
const anything: Field = { check: () => true, words: "any JSON" };
const maybe = (field: Field): Field => ({ ...field, optional: true });

const ms = number(0, 86_400_000, "milliseconds from 0 to 86400000");
const percent = number(0, 100, "a number from 0 to 100");
const side = oneOf("a", "z");
const path = whole(0, 7);
const onPath: Fields = { path, direction: maybe(oneOf("both", "aToZ", "zToA")) };
const onSide: Fields = { path, side: maybe(side) };

/** What each operation must and may have besides `op`. */
const OPS: Readonly<Record<OpKind, Fields>> = {
  advance: { ms },
  send: {
    side,
    bytes: whole(1, 1 << 26),
    count: maybe(whole(1, 1_000_000)),
    stream: maybe(whole(0, 65_535)),
    unordered: maybe(bool),
    lifetimeMs: maybe(ms),
  },
  pauseReading: { side },
  resumeReading: { side },
  slowReading: { side, everyMs: ms },
  shutdown: { side },
  abort: { side },
  restart: { side },
  setPrimary: { side, index: whole(0) },
  flap: { ...onPath, times: whole(0, 1000), everyMs: ms },
  outage: { ms },
  cut: onPath,
  heal: onPath,
  icmpUnreachable: onPath,
  linkDown: onSide,
  linkUp: onSide,
  removeAddress: onSide,
  addAddress: onSide,
  loss: { ...onPath, percent },
  duplicate: { ...onPath, percent },
  corrupt: { ...onPath, percent },
  burstLoss: { ...onPath, percent, length: number(1, 1_000_000, "a number from 1") },
  reorder: { ...onPath, percent, extraMs: ms },
  delay: { ...onPath, ms },
  jitter: { ...onPath, ms },
  rate: { ...onPath, kbps: number(0, 1e9, "kbit/s from 0") },
  mtu: { ...onPath, bytes: whole(68, 65_535), icmp: maybe(bool) },
  natRebind: { path },
  fault: { fault: anything },
  user: { name: text, value: maybe(anything) },
};

const TOPOLOGY: Fields = {
  delaysMs: {
    check: (v) => Array.isArray(v) && v.length >= 1 && v.length <= 8 && v.every((d) => ms.check(d)),
    words: "1 to 8 delays in milliseconds",
  },
  family: maybe(oneOf("ipv4", "ipv6", "dual", "mixed")),
  mesh: maybe(bool),
  udp: maybe(bool),
  nat: maybe(bool),
  rateKbps: maybe(number(0, 1e9, "kbit/s from 0")),
  receiveBufferBytes: maybe(whole(4096, 1 << 30)),
  timing: maybe(oneOf("fast", "rfc")),
};

const SCHEDULE: Fields = {
  seed: whole(0),
  topology: anything,
  ops: { check: Array.isArray, words: "a list of operations" },
  duringSetup: maybe(bool),
  closedBy: maybe(oneOf("a", "z", "both")),
};

/**
 * A schedule from JSON text, checked field by field: what `JSON.stringify` makes of one, or what was written
 * by hand.
 *
 * @throws StackError `invalidSchedule`, naming the field and what is allowed; `invalidFault`
 */
export function parseSchedule(json: string): Schedule {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    return refuse("schedule", `no JSON: ${error instanceof Error ? error.message : error}`);
  }
  assertSchedule(value);
  return value;
}

function assertSchedule(value: unknown): asserts value is Schedule {
  const schedule = checkFields("schedule", value, SCHEDULE);
  assertTopology(schedule["topology"]);
  const { ops } = schedule;
  if (!Array.isArray(ops)) return;
  for (const [i, op] of ops.entries()) assertOp(`ops[${i}]`, op);
}

function assertTopology(value: unknown): asserts value is Topology {
  checkFields("topology", value, TOPOLOGY);
}

function assertOp(where: string, value: unknown): asserts value is Op {
  const kind = isRecord(value) ? value["op"] : undefined;
  const fields = Object.entries(OPS).find(([name]) => name === kind)?.[1];
  if (fields === undefined) {
    return refuse(
      `${where}.op`,
      `got ${show(kind)}, expected one of ${Object.keys(OPS).join(", ")}`,
    );
  }
  const op = checkFields(where, value, { op: text, ...fields });
  if (kind === "fault") parseFault(op["fault"]);
}

function checkFields(where: string, value: unknown, fields: Fields): Record<string, unknown> {
  if (!isRecord(value)) return refuse(where, `got ${show(value)}, expected an object`);
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(fields, name)) {
      refuse(`${where}.${name}`, `not known, expected ${Object.keys(fields).join(", ")}`);
    }
  }
  for (const [name, field] of Object.entries(fields)) {
    const got = value[name];
    if (got === undefined && field.optional === true) continue;
    if (!field.check(got)) {
      refuse(`${where}.${name}`, `got ${show(got)}, expected ${field.words}`);
    }
  }
  return value;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const show = (value: unknown): string => JSON.stringify(value) ?? "nothing";

function refuse(field: string, problem: string): never {
  throw new StackError("invalidSchedule", `${field}: ${problem}`, { field });
}
