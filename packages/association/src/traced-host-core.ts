import {
  type Instant,
  type PacketRef,
  StackError,
  type TraceNote,
  toBase64,
} from "@multihome/base";
import type { AssociationId, ReceivedMessage, SctpSendOptions, SendResult } from "@multihome/sctp";
import type { AssociationEvent } from "./association-event.js";
import {
  type ConnectOptions,
  HostCore,
  type HostCoreConfig,
  type HostInput,
  type ListenOptions,
} from "./host-core.js";
import {
  connectFields,
  eventNote,
  icmpFields,
  interfacesValue,
  listenFields,
  optionsValue,
  packetFields,
  receiveFields,
  sendFields,
  TRACE_VERSION,
  type TraceFields,
} from "./trace-lines.js";
import { type TraceOptions, TraceRecorder } from "./trace-recorder.js";
import { TraceSnapshot } from "./trace-snapshot.js";
import { TraceWindows } from "./trace-windows.js";

/** Counters of what every packet does; all others are drops and decisions, and told as they count. */
const TRAFFIC: ReadonlySet<string> = new Set([
  "packetsReceived",
  "packetsSent",
  "bytesReceived",
  "bytesSent",
  "chunksSent",
  "chunksAcknowledged",
]);

/**
 * A {@link HostCore} that writes down everything that crosses its border, in order: what goes in, what comes
 * out, and what it decides in between. docs/trace.md describes the lines; {@link TraceReplay} runs them again.
 * A host that is not traced is a plain `HostCore`, and pays nothing.
 *
 * @example
 * const lines: string[] = [];
 * const core = new TracedHostCore(config, { sink: jsonLines((line) => lines.push(line)) });
 */
export class TracedHostCore extends HostCore {
  readonly #recorder: TraceRecorder;
  readonly #snapshots: Map<AssociationId, TraceSnapshot>;
  readonly #windows: TraceWindows;
  /** Counters as last told, and room for those of now. */
  #counted: Record<string, number>;
  #counters: Record<string, number>;
  /** Something was put in since `pollTransmit` last said that there is nothing to send. */
  #dirty: boolean;
  /** Room of the packet buffer as last written. */
  #room: number;

  constructor(config: HostCoreConfig, options: TraceOptions) {
    const recorder = new TraceRecorder(options);
    super({
      ...config,
      random: recorder.random(config.random),
      trace: (note) => {
        recorder.note(note);
        config.trace?.(note);
      },
    });
    this.#recorder = recorder;
    this.#snapshots = new Map();
    this.#windows = new TraceWindows();
    this.#counted = super.counters();
    this.#counters = super.counters();
    this.#dirty = false;
    this.#room = -1;
    recorder.end("trace", {
      version: TRACE_VERSION,
      detail: recorder.detail,
      sctp: optionsValue(config.sctp ?? {}),
      interfaces: interfacesValue(config.interfaces ?? []),
    });
  }

  override handle(now: Instant, input: HostInput): void {
    const t = this.#begin(now);
    try {
      super.handle(now, input);
    } finally {
      if (input.kind === "packet") {
        const fields = packetFields(input.packet, t.detail);
        t.endPacket("packetIn", fields);
        this.#tellWindows("peer", fields);
      } else {
        for (const id of this.#snapshots.keys()) t.touch(id);
        if (input.kind === "icmp") t.end("icmp", icmpFields(input.notice, t.detail));
        else t.end("interfaces", { interfaces: interfacesValue(input.interfaces) });
      }
      this.#tellChanges();
    }
  }

  override handleTimeout(now: Instant): void {
    // One that is early does nothing.
    if (super.pollTimeout() > now) return;
    this.#run(
      now,
      "timeout",
      () => super.handleTimeout(now),
      () => ({}),
    );
  }

  override pollTransmit(now: Instant, out: PacketRef): boolean {
    const t = this.#recorder;
    const room = out.end - out.start;
    const before = t.now;
    t.begin(now);
    const more = super.pollTransmit(now, out);
    if (!more && !this.#dirty) {
      // Nothing is written, so nothing may be remembered of it.
      t.begin(before);
      return false;
    }
    const roomField = room === this.#room ? {} : { room };
    this.#room = room;
    if (more) {
      const fields = { ...packetFields(out, t.detail), ...roomField };
      t.endPacket("packetOut", fields);
      this.#tellWindows("ours", fields);
    } else {
      this.#dirty = false;
      t.end("drained", roomField);
    }
    this.#tellChanges();
    return more;
  }

  override pollEvent(): AssociationEvent | undefined {
    const event = super.pollEvent();
    if (event === undefined) return undefined;
    this.#recorder.write(eventNote(event), event.at);
    if (event.kind === "ended") {
      this.#snapshots.delete(event.id);
      this.#windows.forget(event.id);
    }
    return event;
  }

  override listen(now: Instant, o: ListenOptions): void {
    const fields = listenFields(o);
    this.#run(
      now,
      "listen",
      () => super.listen(now, o),
      () => fields,
      fields,
    );
  }

  override stopListening(port: number): void {
    this.#run(
      this.#recorder.now,
      "stopListening",
      () => super.stopListening(port),
      () => ({ port }),
    );
  }

  override connect(now: Instant, o: ConnectOptions): AssociationId {
    const fields = connectFields(o);
    return this.#run(
      now,
      "connect",
      () => super.connect(now, o),
      (association) => ({ association, ...fields }),
      fields,
    );
  }

  override send(
    now: Instant,
    association: AssociationId,
    data: Uint8Array,
    o?: SctpSendOptions,
  ): SendResult {
    const { detail } = this.#recorder;
    return this.#run(
      now,
      "send",
      () => super.send(now, association, data, o),
      (result) => ({ association, ...sendFields(data, o, result, detail) }),
    );
  }

  override receive(association: AssociationId): ReceivedMessage | undefined {
    const { detail, now } = this.#recorder;
    return this.#run(
      now,
      "receive",
      () => super.receive(association),
      (message) => ({ association, ...receiveFields(message, detail) }),
    );
  }

  override shutdown(now: Instant, association: AssociationId): void {
    this.#run(
      now,
      "shutdown",
      () => super.shutdown(now, association),
      () => ({ association }),
    );
  }

  override abort(now: Instant, association: AssociationId, reason?: Uint8Array): void {
    const full = this.#recorder.detail === "full" && reason !== undefined;
    this.#run(
      now,
      "abort",
      () => super.abort(now, association, reason),
      () => ({ association, ...(full ? { data: toBase64(reason) } : {}) }),
    );
  }

  override setPrimary(now: Instant, association: AssociationId, path: number): boolean {
    return this.#run(
      now,
      "setPrimary",
      () => super.setPrimary(now, association, path),
      (done) => ({ association, path, done }),
    );
  }

  override requestHeartbeat(association: AssociationId, path: number): boolean {
    return this.#run(
      this.#recorder.now,
      "requestHeartbeat",
      () => super.requestHeartbeat(association, path),
      (done) => ({ association, path, done }),
    );
  }

  // ---- what others add to the trace

  /** Writes a line that is no part of the core's doing, such as what a driver dropped; replaying skips it. */
  remark(now: Instant, note: TraceNote): void {
    this.#recorder.write(note, now);
  }

  // ---- inside

  #begin(now: Instant): TraceRecorder {
    this.#dirty = true;
    this.#recorder.begin(now);
    return this.#recorder;
  }

  /**
   * Takes one input and writes its line.
   * @param fields of the line, from the result
   * @param refused fields of the line if the call throws; the error's code is added
   */
  #run<T>(
    now: Instant,
    kind: string,
    call: () => T,
    fields: (result: T) => TraceFields,
    refused: TraceFields = {},
  ): T {
    const t = this.#begin(now);
    let result: T;
    try {
      result = call();
    } catch (error) {
      t.end(kind, { ...refused, error: error instanceof StackError ? error.code : "internal" });
      throw error;
    }
    const line = fields(result);
    if (typeof line["association"] === "number") t.touch(line["association"]);
    t.end(kind, line);
    this.#tellChanges();
    return result;
  }

  #tellWindows(side: "ours" | "peer", fields: TraceFields): void {
    for (const id of this.#recorder.touched) {
      const note = this.#windows.change(id, side, fields["chunks"]);
      if (note !== undefined) this.#recorder.write(note);
    }
  }

  /** Lines for counters that counted, and for associations and paths that are not as they were. */
  #tellChanges(): void {
    const t = this.#recorder;
    const now = this.#counters;
    const told = this.#counted;
    let isNew = false;
    for (const name in now) now[name] = 0;
    super.addCountersTo(now);
    for (const name in now) {
      const n = now[name] ?? 0;
      const before = told[name];
      if (before === undefined) isNew = true;
      else if (n === before) continue;
      told[name] = n;
      const by = n - (before ?? 0);
      if (by !== 0 && !TRAFFIC.has(name)) t.write({ kind: "counted", counter: name, by });
    }
    if (isNew) {
      // As makeCounters does: quick to look at, which is done for every input.
      this.#counters = { ...now };
      this.#counted = { ...told };
    }
    for (const id of t.touched) {
      let snapshot = this.#snapshots.get(id);
      if (snapshot === undefined) {
        if (super.status(id) === undefined) continue;
        snapshot = new TraceSnapshot(id);
        this.#snapshots.set(id, snapshot);
      }
      const changes = snapshot.changes(super.status(id), super.paths(id), super.currentPath(id));
      for (const note of changes) t.write(note);
    }
  }
}
