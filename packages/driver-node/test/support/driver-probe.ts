import type { AssociationEvent, AssociationId } from "@multihome/association";
import { IpAddress } from "@multihome/base";
import type { HostInterface } from "@multihome/paths";
import type { DriverListener } from "../../src/host-driver.js";
import { NodeDriver, type NodeDriverOptions } from "../../src/node-driver.js";

type Kind = AssociationEvent["kind"];
type EventOf<K extends Kind> = Extract<AssociationEvent, { readonly kind: K }>;

/** A driver under test with everything that it told. */
export class DriverProbe implements DriverListener {
  readonly driver: NodeDriver;
  readonly events: AssociationEvent[] = [];
  readonly interfaceLists: (readonly HostInterface[])[] = [];
  /** Called within each event, before it is recorded. */
  during: (event: AssociationEvent) => void = () => {};
  #told: () => void = () => {};

  constructor(driver: NodeDriver) {
    this.driver = driver;
    driver.listen(this);
  }

  static async open(options: NodeDriverOptions): Promise<DriverProbe> {
    return new DriverProbe(await NodeDriver.open(options));
  }

  event(event: AssociationEvent): void {
    this.during(event);
    this.events.push(event);
    this.#told();
  }

  interfacesChanged(interfaces: readonly HostInterface[]): void {
    this.interfaceLists.push(interfaces);
    this.#told();
  }

  /** Resolves once something that it was told makes this true. */
  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) {
      await new Promise<void>((resolve) => {
        this.#told = resolve;
      });
    }
  }

  /** The first event of a kind, whether it was told already or is still to come. */
  async first<K extends Kind>(kind: K): Promise<EventOf<K>> {
    const isKind = (e: AssociationEvent): e is EventOf<K> => e.kind === kind;
    await this.until(() => this.events.some(isKind));
    const found = this.events.find(isKind);
    if (found === undefined) throw new Error("unreachable");
    return found;
  }

  /** Binds a free port and listens on it. */
  async listen(): Promise<number> {
    const { driver } = this;
    const { port } = await driver.bind(0);
    driver.core.listen(driver.now(), { port, udpPort: port });
    return port;
  }

  /** Opens an association and waits until it is up on both sides. */
  async connect(remotes: readonly string[], port: number): Promise<AssociationId> {
    const { driver } = this;
    const binding = await driver.bind(0);
    const id = driver.core.connect(driver.now(), {
      remotes: remotes.map((text) => IpAddress.parse(text)),
      port,
      peerUdpPort: port,
      udpPort: binding.port,
    });
    driver.wake();
    await this.first("up");
    return id;
  }

  send(id: AssociationId, data: Uint8Array): void {
    const result = this.driver.core.send(this.driver.now(), id, data);
    if (!result.ok) throw new Error(result.code);
    this.driver.wake();
  }

  /** All data that can be received of an association now. */
  receive(id: AssociationId): Uint8Array[] {
    const all: Uint8Array[] = [];
    const { core } = this.driver;
    for (let m = core.receive(id); m !== undefined; m = core.receive(id)) all.push(m.data);
    this.driver.wake();
    return all;
  }
}
