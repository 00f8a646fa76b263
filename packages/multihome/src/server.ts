import { Ring } from "@multihome/base";
import type { PortBinding } from "@multihome/driver-node";
import type { Observable } from "rxjs";
import type { Association } from "./association.js";
import { Consumers } from "./consumers.js";
import { addressText } from "./peer-address.js";

/** Associations that wait for somebody to take them, at most; more are aborted. */
const MAX_BACKLOG = 1024;

/** What a {@link Server} needs of its host. */
export interface ServerLink {
  readonly binding: PortBinding;
  readonly port: number;
  /** Largest message that its associations put together; `undefined` for the host's. */
  readonly maxMessageBytes: number | undefined;
  /** Takes no new associations from now on. */
  stop(): void;
}

/** Listens on a port, on several addresses; made by {@link Host.listen}. */
export class Server implements AsyncIterable<Association> {
  /** SCTP port. */
  readonly port: number;
  /** UDP port that carries it. */
  readonly udpPort: number;
  /**
   * Associations that peers open, to all subscribers. Those that came before anybody subscribed or
   * iterated wait, 1,024 at most. Completes when the server is closed.
   */
  readonly associations$: Observable<Association>;
  readonly #link: ServerLink;
  readonly #consumers: Consumers<Association>;
  readonly #backlog: Ring<Association>;
  readonly #live: Set<Association>;
  #closed: Promise<void> | undefined;
  #listening: boolean;
  #whenIdle: () => void;

  /** @internal Made by a host. */
  constructor(link: ServerLink) {
    this.port = link.port;
    this.udpPort = link.binding.port;
    this.#link = link;
    this.#consumers = new Consumers("associations", () => this.#deliver());
    this.#backlog = new Ring();
    this.#live = new Set();
    this.#closed = undefined;
    this.#listening = true;
    this.#whenIdle = () => {};
    this.associations$ = this.#consumers.stream$;
  }

  /** Where it listens: each address with the UDP port, as {@link Host.connect} takes it. */
  get addresses(): readonly string[] {
    return this.#link.binding.addresses.map((a) => addressText(a, this.udpPort));
  }

  /** @internal */
  get maxMessageBytes(): number | undefined {
    return this.#link.maxMessageBytes;
  }

  /** False from {@link Server.close} on. */
  get listening(): boolean {
    return this.#listening;
  }

  /** Associations that peers opened here and that are not over. */
  get associations(): readonly Association[] {
    return [...this.#live];
  }

  /** Iterates over the associations that peers open; ends when the server is closed. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Association> {
    return this.#consumers.iterate();
  }

  /**
   * Takes no new associations; those that are there go on. Resolves when the last of them is over and
   * the ports are free.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** @internal A peer opened an association. */
  accept(association: Association): void {
    this.#live.add(association);
    void association.closed.then(() => {
      this.#live.delete(association);
      if (this.#live.size === 0) this.#whenIdle();
    });
    if (!this.#listening || this.#backlog.length >= MAX_BACKLOG) {
      void association.abort("no room for another association");
      return;
    }
    this.#backlog.push(association);
    this.#deliver();
  }

  #deliver(): void {
    while (this.#consumers.wants) {
      const next = this.#backlog.shift();
      if (next === undefined) return;
      this.#consumers.take(next);
    }
  }

  async #close(): Promise<void> {
    this.#listening = false;
    this.#link.stop();
    for (let a = this.#backlog.shift(); a !== undefined; a = this.#backlog.shift()) {
      void a.abort("the server is closed");
    }
    this.#consumers.end(undefined);
    if (this.#live.size > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
    this.#link.binding.release();
  }
}
