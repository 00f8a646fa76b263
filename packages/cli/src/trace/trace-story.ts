import type { TraceEvent } from "multihome";
import { AssociationStory } from "./association-story.js";
import { maybe, num, text } from "./fields.js";

/** What a trace tells of one host, from its start on. */
interface HostStory {
  readonly name: string;
  /** By id, which is never used again until the host restarts. */
  readonly associations: Map<number, AssociationStory>;
  /** The association that the last input was for. */
  owner: AssociationStory | undefined;
  /** Addresses by interface, of those that are up. */
  interfaces: ReadonlyMap<string, string>;
}

/** The stories of all associations of a trace, of one host or several. Takes its lines one by one. */
export class TraceStory {
  /** In the order in which they began. */
  readonly associations: AssociationStory[];
  /** What counted without an association: packets for nobody, and what drivers dropped. By host. */
  readonly counted: Map<string, Map<string, number>>;
  lines: number;
  readonly #hosts: Map<string, HostStory>;

  constructor() {
    this.associations = [];
    this.counted = new Map();
    this.lines = 0;
    this.#hosts = new Map();
  }

  get hosts(): readonly string[] {
    return [...this.#hosts.keys()];
  }

  take(e: TraceEvent): void {
    this.lines++;
    const name = text(e, "host");
    if (e.kind === "trace") this.#begin(name, e);
    else if (e.kind === "net") this.#network(e);
    else {
      const host = this.#hosts.get(name);
      if (host === undefined) return;
      if (e.kind === "note") this.#tell(host, e.at, text(e, "text"));
      else if (e.kind === "driver") this.#count(host, undefined, e);
      else if (e.kind === "counted") this.#count(host, host.owner, e);
      else if (e.kind === "interfaces") this.#interfaces(host, e);
      else this.#association(host, e);
    }
  }

  finish(): void {
    for (const a of this.associations) a.finish();
  }

  /** A host starts, maybe anew after a restart. */
  #begin(name: string, e: TraceEvent): void {
    for (const a of this.#hosts.get(name)?.associations.values() ?? []) {
      if (a.endedAt !== undefined) continue;
      a.add(e.at, "bad", "the host starts anew: the association is forgotten here");
    }
    this.#hosts.set(name, {
      name,
      associations: new Map(),
      owner: undefined,
      interfaces: interfacesOf(e),
    });
  }

  #association(host: HostStory, e: TraceEvent): void {
    const id = maybe(e, "association");
    // Lines that follow an input belong to it; a drop among them is counted for its association.
    if (INPUTS.has(e.kind)) host.owner = undefined;
    if (id === undefined) return;
    let a = host.associations.get(id);
    if (a === undefined) {
      a = new AssociationStory(host.name, e);
      host.associations.set(id, a);
      this.associations.push(a);
    }
    a.take(e);
    if (INPUTS.has(e.kind) || e.kind === "timer") host.owner = a;
  }

  #count(host: HostStory, owner: AssociationStory | undefined, e: TraceEvent): void {
    const counter = text(e, "counter");
    const by = num(e, "by");
    if (owner !== undefined) {
      owner.count(counter, by);
      return;
    }
    const counted = this.counted.get(host.name) ?? new Map<string, number>();
    this.counted.set(host.name, counted);
    counted.set(counter, (counted.get(counter) ?? 0) + by);
  }

  #interfaces(host: HostStory, e: TraceEvent): void {
    const now = interfacesOf(e);
    for (const name of new Set([...host.interfaces.keys(), ...now.keys()])) {
      const [before, after] = [host.interfaces.get(name), now.get(name)];
      if (before === after) continue;
      const what =
        after === undefined
          ? `is down or gone (had ${before})`
          : before === undefined
            ? `is up: ${after}`
            : `has ${after} now (had ${before})`;
      this.#tell(host, e.at, `interface ${name} ${what}`);
    }
    host.interfaces = now;
  }

  /** The network of a simulation: a fault is told to both hosts' associations, drops are not. */
  #network(e: TraceEvent): void {
    if (e["event"] !== "fault") return;
    for (const host of this.#hosts.values()) {
      this.#tell(host, e.at, `fault in the network: ${faultText(text(e, "fault"))}`);
    }
  }

  #tell(host: HostStory, at: number, what: string): void {
    for (const a of host.associations.values()) if (a.endedAt === undefined) a.add(at, "bad", what);
  }
}

/** Lines that say what was given to a host, or asked of it. */
const INPUTS: ReadonlySet<string> = new Set([
  "packetIn",
  "packetOut",
  "drained",
  "timeout",
  "icmp",
  "interfaces",
  "connect",
  "send",
  "receive",
  "shutdown",
  "abort",
  "setPrimary",
  "requestHeartbeat",
  "listen",
  "stopListening",
]);

function interfacesOf(e: TraceEvent): ReadonlyMap<string, string> {
  const list = e["interfaces"];
  const found = new Map<string, string>();
  if (!Array.isArray(list)) return found;
  for (const i of list) {
    if (i.up === true && i.allowed === true) found.set(String(i.name), i.addresses.join(", "));
  }
  return found;
}

/** `{"kind":"cut","path":0}` as `cut path 0`. */
function faultText(json: string): string {
  try {
    const { kind, path, ...rest } = JSON.parse(json);
    const more = Object.keys(rest).length === 0 ? "" : ` ${JSON.stringify(rest)}`;
    return `${kind} on its path ${path}${more}`;
  } catch {
    return json;
  }
}
