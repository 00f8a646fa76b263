// Our stack as a program: an SCTP peer for interoperability tests, the counterpart of usrsctp_peer.c. It
// says what happens as JSON lines, and takes commands as JSON lines:
//
//   {"do":"send","count":N,"sizes":[..],"streams":N,"unordered":true,"ppid":N,"gapMs":N,"echo":true}
//   {"do":"enough"}    {"do":"read","on":false}    {"do":"report"}    {"do":"close"}    {"do":"abort","reason":".."}
//
// "enough" ends what "send" has begun.
//
// A command goes to association 0, to "conn":N, or to all ("conn":"all"), as soon as it is up. Message n of association k
// (from 0, as they come up) has the bytes of message n+k. The end of stdin ends the program.
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { Host, StackError } from "multihome";
import { isMessage, MessageSums, messageBytes } from "./test-messages.mjs";

const HELP = `stack-peer.mjs connect|listen --local A[,B] [options]
  --remote A[,B]      addresses of the peer (connect)
  --port N            SCTP port to listen on, or of the peer (5001)
  --udp N             the UDP port of who listens (9899)
  --local-port N --local-udp N   our ports when we connect (default: any)
  --count N           connect: as many associations at once (default 1)
  --echo              send every message back
  --paused            read nothing until told
  --accept N          listen: end after as many associations (default 1)
  --progress BYTES    a line for every so many bytes received or acknowledged (1048576)
  --check-streams N   message n is expected on stream n % N
  --options JSON      options for the associations`;

const { values: args, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: "boolean" },
    local: { type: "string" },
    remote: { type: "string", default: "" },
    port: { type: "string", default: "5001" },
    udp: { type: "string", default: "9899" },
    "local-port": { type: "string" },
    "local-udp": { type: "string" },
    count: { type: "string", default: "1" },
    echo: { type: "boolean", default: false },
    paused: { type: "boolean", default: false },
    accept: { type: "string", default: "1" },
    progress: { type: "string", default: "1048576" },
    "check-streams": { type: "string" },
    options: { type: "string", default: "{}" },
  },
});
const [role] = positionals;
if (args.help || args.local === undefined || (role !== "connect" && role !== "listen")) {
  console.error(HELP);
  process.exit(args.help ? 0 : 2);
}

/** No registered payload protocol, so that nobody tries to read the messages as one. */
const FIRST_PPID = 1_000_000;
const progressStep = Number(args.progress);
const numberOf = (text) => (text === undefined ? undefined : Number(text));
const checkStreams = numberOf(args["check-streams"]);

const say = (ev, more = {}) =>
  console.log(JSON.stringify({ ms: Math.round(performance.now()), ev, ...more }));
const pathText = (p) => `${p.local}>${p.remote}`;

/** Holds up who awaits `passed` while it is closed. */
class Gate {
  #open = Promise.resolve();
  #release = () => {};

  get passed() {
    return this.#open;
  }

  set(open) {
    this.#release();
    this.#open = open
      ? Promise.resolve()
      : new Promise((resolve) => {
          this.#release = resolve;
        });
  }
}

/** One association and what it has sent and received. */
class Conn {
  constructor(conn, association) {
    this.conn = conn;
    this.association = association;
    this.gate = new Gate();
    if (args.paused) this.gate.set(false);
    this.received = new MessageSums();
    this.faults = [];
    this.sentCount = conn;
    this.enough = false;
    this.accepted = 0;
    this.outcomes = { delivered: 0, abandoned: 0, failed: 0 };
    this.outcomesTold = 0;
    this.ackedBytes = 0;
    this.told = { received: 0, acked: 0 };
    /** Messages that are to come back, by stream, and how many did. */
    this.expected = new Map();
    this.echoes = 0;
    this.echoesWanted = 0;
    this.perStream = new Map();
  }

  say(ev, more) {
    say(ev, { conn: this.conn, ...more });
  }

  fault(text) {
    if (this.faults.length < 5) this.faults.push(text);
  }

  /** Follows the association to its end, and tells of all that happens. */
  async run() {
    const { association: a } = this;
    const { outboundStreams, inboundStreams } = a.status();
    this.say("up", { incoming: a.incoming, out: outboundStreams, in: inboundStreams });
    a.paths$.subscribe((event) => this.say("path", this.pathLine(event)));
    a.events$.subscribe(({ kind, ...more }) => this.say(kind, more));
    a.outcomes$.subscribe(() => this.outcomesTold++);
    const read = this.readAll();
    const { kind, reason, ...more } = await a.closed;
    await read;
    await new Promise(setImmediate);
    if (this.outcomesTold !== this.accepted) {
      this.fault(`${this.outcomesTold} outcomes of ${this.accepted} messages`);
    }
    const why = reason === undefined ? {} : { reason: new TextDecoder().decode(reason) };
    this.say("ended", { ...this.report(), cause: kind, ...more, ...why });
  }

  pathLine(event) {
    const { kind, cause } = event;
    return kind === "switched"
      ? { kind, cause, from: pathText(event.from), to: pathText(event.to), stallMs: event.stallMs }
      : { kind, cause, path: pathText(event.path) };
  }

  async readAll() {
    try {
      await this.gate.passed;
      for await (const message of this.association) {
        await this.take(message);
        await this.gate.passed;
      }
    } catch (error) {
      if (!(error instanceof StackError) || error.code !== "associationLost") throw error;
    }
  }

  async take({ data, stream, ppid, unordered }) {
    this.received.add(data);
    if (!isMessage(data)) this.fault(`a message of ${data.length} bytes is not what was sent`);
    if (checkStreams !== undefined && !unordered) this.checkOrder(stream, data);
    if (this.echoes < this.echoesWanted) this.checkEcho({ data, stream, ppid, unordered });
    this.tell("received", this.received.bytes);
    if (args.echo) await this.send(data, { stream, ppid, unordered });
  }

  /** Sends one message; false when that cannot be any more. */
  async send(data, options) {
    try {
      const sent = await this.association.send(data, options);
      this.accepted++;
      void sent.outcome.then((outcome) => this.settle(data, outcome));
      return true;
    } catch (error) {
      this.say("send-refused", { code: error.code, message: error.message });
      return false;
    }
  }

  async sendMany({ count, sizes, streams = 1, unordered = false, ppid, gapMs, echo }) {
    const sums = new MessageSums();
    if (echo) this.echoesWanted += count;
    for (let i = 0; i < count && !this.enough; i++) {
      const n = this.sentCount++;
      const data = messageBytes(n, sizes[i % sizes.length]);
      const options = {
        stream: (n - this.conn) % streams,
        ppid: ppid ?? FIRST_PPID + n,
        unordered,
      };
      if (echo) this.expectEcho({ data, ...options });
      if (!(await this.send(data, options))) break;
      sums.add(data);
      // Room for timers and packets between messages.
      if (gapMs !== undefined) await new Promise((done) => setTimeout(done, gapMs));
      else if (i % 16 === 15) await new Promise(setImmediate);
    }
    this.say("sent", sums.toJSON());
  }

  expectEcho(message) {
    const key = message.unordered ? "unordered" : message.stream;
    const list = this.expected.get(key) ?? [];
    list.push(message);
    this.expected.set(key, list);
  }

  checkEcho(m) {
    const list = this.expected.get(m.unordered ? "unordered" : m.stream) ?? [];
    const same = (e) =>
      e.ppid === m.ppid && e.stream === m.stream && Buffer.compare(e.data, m.data) === 0;
    const at = m.unordered ? list.findIndex(same) : 0;
    const [wanted] = at < 0 ? [] : list.splice(at, 1);
    if (wanted === undefined || !same(wanted)) {
      this.fault(`echo of ${m.data.length} bytes on stream ${m.stream} is not next`);
    }
    this.echoes++;
    if (this.echoes === this.echoesWanted) this.say("echoed", this.received.toJSON());
  }

  checkOrder(stream, data) {
    const k = this.perStream.get(stream) ?? 0;
    this.perStream.set(stream, k + 1);
    if (data[0] !== (((stream + k * checkStreams) * 31) & 255)) {
      this.fault(`message ${k} of stream ${stream} begins with ${data[0]}`);
    }
  }

  /** A line for every step of `bytes`. */
  tell(what, bytes) {
    if (bytes - this.told[what] < progressStep) return;
    this.told[what] = bytes - (bytes % progressStep);
    this.say(what, { bytes });
  }

  settle(data, outcome) {
    this.outcomes[outcome.kind]++;
    if (outcome.kind === "failed" && outcome.data !== data) {
      this.fault("a failed message came back as another");
    }
    if (outcome.kind !== "delivered") return;
    this.ackedBytes += data.length;
    this.tell("acked", this.ackedBytes);
  }

  report() {
    return {
      received: this.received.toJSON(),
      accepted: this.accepted,
      outcomes: this.outcomes,
      faults: this.faults,
      counters: Object.fromEntries(Object.entries(host.counters()).filter(([, n]) => n > 0)),
    };
  }
}

const ACTIONS = {
  send: (c, command) => c.sendMany(command),
  enough: (c) => {
    c.enough = true;
  },
  read: (c, { on }) => c.gate.set(on),
  report: (c) => c.say("report", c.report()),
  close: (c) => c.association.close(),
  abort: (c, { reason }) => c.association.abort(reason ?? ""),
};

const conns = [];
/** Commands to associations that are not there yet. */
const early = [];
let left = Number(role === "connect" ? args.count : args.accept);

async function follow(association) {
  const c = new Conn(conns.length, association);
  conns.push(c);
  for (const command of early.splice(0)) obey(command);
  await c.run();
  left--;
  if (left === 0) await leave();
}

function obey(command) {
  if (command.conn === "all") {
    const all = role === "connect" ? args.count : args.accept;
    for (let conn = 0; conn < Number(all); conn++) obey({ ...command, conn });
    return;
  }
  const c = conns[command.conn ?? 0];
  if (c === undefined) early.push(command);
  else void ACTIONS[command.do](c, command);
}

async function leave() {
  await host.close(0);
  process.exit(0);
}

const host = await Host.open({
  addresses: args.local.split(","),
  ...JSON.parse(args.options),
});

const input = createInterface({ input: process.stdin });
input.on("line", (line) => obey(JSON.parse(line)));
input.on("close", leave);

if (role === "listen") {
  const server = await host.listen({ port: Number(args.port), udpPort: Number(args.udp) });
  say("listening", { port: server.port, udp: server.udpPort });
  for await (const association of server) void follow(association);
} else {
  const remotes = args.remote.split(",").map((a) => (a.includes(":") ? `[${a}]` : a));
  const ports = {
    udpPort: Number(args.udp),
    ...(args["local-port"] === undefined ? {} : { localPort: Number(args["local-port"]) }),
    ...(args["local-udp"] === undefined ? {} : { localUdpPort: Number(args["local-udp"]) }),
  };
  const to = remotes.map((a) => `${a}:${args.port}`);
  try {
    await Promise.all(
      Array.from({ length: Number(args.count) }, async () => follow(await host.connect(to, ports))),
    );
  } catch (error) {
    if (!(error instanceof StackError)) throw error;
    const { cause } = error.details ?? {};
    say("connect-failed", { code: error.code, message: error.message, cause });
    await leave();
  }
}
