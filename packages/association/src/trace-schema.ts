/** The part of JSON Schema (2020-12) that the trace format needs. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: "object" | "array" | "string" | "integer" | "number" | "boolean" | "null";
  readonly const?: string | number;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly pattern?: string;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
  readonly anyOf?: readonly JsonSchema[];
}

type Fields = Readonly<Record<string, JsonSchema>>;

const text: JsonSchema = { type: "string" };
const flag: JsonSchema = { type: "boolean" };
const int: JsonSchema = { type: "integer", minimum: 0 };
const num: JsonSchema = { type: "number", minimum: 0 };
const data: JsonSchema = { type: "string", pattern: "^[A-Za-z0-9+/]*={0,2}$" };
const texts: JsonSchema = { type: "array", items: text };
const ints: JsonSchema = { type: "array", items: int };
const anything: JsonSchema = { type: "object" };
const orNull = (s: JsonSchema): JsonSchema => ({ anyOf: [s, { type: "null" }] });
const oneOf = (...names: string[]): JsonSchema => ({ enum: names });

const STATES = oneOf("unconfirmed", "active", "potentiallyFailed", "inactive");

const CHUNK: JsonSchema = {
  type: "object",
  required: ["type"],
  additionalProperties: false,
  properties: {
    type: text,
    bytes: int,
    tsn: int,
    stream: int,
    ssn: int,
    ppid: int,
    flags: { type: "string", pattern: "^U?B?E?I?$" },
    cumTsnAck: int,
    aRwnd: int,
    gaps: { type: "array", items: ints },
    moreGaps: int,
    duplicates: int,
  },
};

const INTERFACE: JsonSchema = {
  type: "object",
  required: ["name", "kind", "addresses", "up", "mtu", "metered", "cost", "allowed"],
  additionalProperties: false,
  properties: {
    name: text,
    kind: text,
    addresses: texts,
    up: flag,
    mtu: num,
    metered: flag,
    cost: num,
    allowed: flag,
  },
};
const INTERFACES: JsonSchema = { type: "array", items: INTERFACE };

const PACKET: Fields = {
  packet: int,
  "association?": int,
  "path?": int,
  local: text,
  remote: text,
  "localPort?": int,
  "remotePort?": int,
  "ecn?": int,
  bytes: int,
  chunks: { type: "array", items: CHUNK },
  "data?": data,
};

// What trace-path.ts of @multihome/sctp tells of a path with each decision about it.
const DECISION: Fields = {
  association: int,
  path: int,
  state: STATES,
  cwnd: num,
  ssthresh: orNull(num),
  flightSize: num,
  srtt: num,
  rttvar: num,
  rto: num,
  errorCount: int,
  probesSent: int,
  awaitedFor: orNull(int),
  silentFor: orNull(int),
};

/** Fields of every kind of line but `at`, `kind` and `host`; a `?` behind a name: it may be missing. */
const KINDS: Readonly<Record<string, Fields>> = {
  trace: {
    version: { const: 1 },
    detail: oneOf("full", "story"),
    sctp: anything,
    interfaces: INTERFACES,
  },
  packetIn: PACKET,
  icmp: {
    notice: oneOf("unreachable", "protocolUnreachable", "packetTooBig"),
    mtu: int,
    local: text,
    remote: text,
    remotePort: int,
    bytes: int,
    "data?": data,
  },
  interfaces: { interfaces: INTERFACES },
  timeout: {},
  listen: { port: num, udpPort: num, "addresses?": texts, "sctp?": anything, "error?": text },
  stopListening: { port: num },
  connect: {
    "association?": int,
    remotes: texts,
    port: num,
    peerUdpPort: num,
    udpPort: num,
    "localPort?": num,
    "addresses?": texts,
    "sctp?": anything,
    "error?": text,
  },
  send: {
    association: int,
    "stream?": num,
    "ppid?": { type: "number" },
    "unordered?": flag,
    "lifetimeMs?": { type: "number" },
    "messageId?": int,
    "refused?": oneOf("wouldBlock", "messageTooLong", "noSuchStream", "emptyMessage", "notOpen"),
    bytes: int,
    "data?": data,
  },
  receive: {
    association: int,
    bytes: orNull(int),
    "stream?": int,
    "ssn?": int,
    "ppid?": int,
    "unordered?": flag,
    "begin?": flag,
    "end?": flag,
    "crc32c?": int,
  },
  shutdown: { association: int },
  abort: { association: int, "data?": data },
  setPrimary: { association: int, path: num, done: flag },
  requestHeartbeat: { association: int, path: num, done: flag },

  packetOut: { ...PACKET, "room?": int },
  drained: { "room?": int },
  event: {
    association: int,
    event: oneOf(
      "up",
      "restarted",
      "readable",
      "writable",
      "message",
      "pathAdded",
      "pathConfirmed",
      "pathPotentiallyFailed",
      "pathInactive",
      "pathRecovered",
      "pathRemoved",
      "switched",
      "peerShutdown",
      "peerError",
      "policyFailed",
      "ended",
    ),
    "path?": int,
    "from?": int,
    "local?": text,
    "remote?": text,
    "rtt?": num,
    "cause?": text,
    "stall?": num,
    "incoming?": flag,
    "outboundStreams?": int,
    "inboundStreams?": int,
    "messageId?": int,
    "outcome?": oneOf("delivered", "abandoned", "failed"),
    "sent?": flag,
    "causeCode?": int,
    "causeCodes?": ints,
    "detail?": text,
    "tried?": texts,
  },

  draw: { "value?": int, "data?": data },
  timer: { association: int, path: orNull(int), timer: text },
  suspected: DECISION,
  probed: DECISION,
  suspicionCleared: DECISION,
  noVerdict: DECISION,
  verdict: DECISION,
  t3Expired: DECISION,
  fastRecovery: DECISION,
  marked: {
    association: int,
    path: orNull(int),
    tsn: int,
    bytes: int,
    why: oneOf("lossDetected", "t3Rtx", "suspected", "pathFailed", "pathLeft"),
  },
  retransmitted: {
    association: int,
    path: int,
    from: orNull(int),
    tsn: int,
    bytes: int,
    times: int,
  },
  counted: { counter: text, by: int },
  association: { association: int, state: text, errorCount: int },
  path: {
    association: int,
    path: int,
    state: STATES,
    current: flag,
    suspected: flag,
    allowed: flag,
    cwnd: num,
    ssthresh: orNull(num),
    flightSize: num,
    srtt: num,
    rttvar: num,
    rto: num,
    errorCount: int,
    pathMtu: num,
  },
  window: { association: int, side: oneOf("ours", "peer"), closed: flag, aRwnd: int },

  driver: { counter: text, by: int },
  net: {
    event: text,
    "on?": text,
    "packet?": int,
    "from?": text,
    "to?": text,
    "bytes?": int,
    "icmp?": text,
    "cause?": text,
    "fault?": text,
    "address?": text,
  },
  note: { text },
};

function lineSchema(kind: string, fields: Fields): JsonSchema {
  const properties: Record<string, JsonSchema> = { at: int, kind: { const: kind }, host: text };
  const required = ["at", "kind"];
  for (const [name, schema] of Object.entries(fields)) {
    const optional = name.endsWith("?");
    properties[optional ? name.slice(0, -1) : name] = schema;
    if (!optional) required.push(name);
  }
  return { title: kind, type: "object", properties, required, additionalProperties: false };
}

const LINES: ReadonlyMap<string, JsonSchema> = new Map(
  Object.entries(KINDS).map(([kind, fields]) => [kind, lineSchema(kind, fields)]),
);

/** The schema of one line of a trace. docs/trace.schema.json is a copy. */
export const TRACE_SCHEMA: JsonSchema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "multihome trace, version 1: one line",
  anyOf: [...LINES.values()],
};

/** The kinds of lines that there are, and the names of their fields; `?` marks those that may be missing. */
export const TRACE_KINDS: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(KINDS).map(([kind, fields]) => [kind, Object.keys(fields)]),
);

/** The schema of the lines of one kind; `undefined` if there is no such kind. */
export const traceLineSchema = (kind: string): JsonSchema | undefined => LINES.get(kind);
