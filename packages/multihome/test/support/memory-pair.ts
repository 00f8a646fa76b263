import {
  Association,
  type AssociationOptions,
  Host,
  type HostOptions,
  type Server,
} from "../../src/index.js";
import { type MemoryDriver, MemoryNetwork } from "./memory-network.js";

/** Two hosts with two addresses each and an association between them, in virtual time. */
export interface MemoryPair {
  readonly network: MemoryNetwork;
  readonly aDriver: MemoryDriver;
  readonly zDriver: MemoryDriver;
  readonly aHost: Host;
  readonly zHost: Host;
  readonly server: Server;
  /** The opening side. */
  readonly a: Association;
  /** The listening side. */
  readonly z: Association;
}

export const Z_ADDRESSES: readonly string[] = ["192.0.2.1:5000", "198.51.100.1:5000"];

/** Hosts and a server, without an association. `zOptions` are the server's alone. */
export async function memoryHosts(
  options: HostOptions = {},
  zOptions: AssociationOptions = {},
): Promise<Omit<MemoryPair, "a" | "z">> {
  const network = new MemoryNetwork();
  const zDriver = network.host(["192.0.2.1", "198.51.100.1"]);
  const aDriver = network.host(["192.0.2.2", "198.51.100.2"]);
  const zHost = await Host.open({ lingerMs: 0, ...options, driver: zDriver });
  const aHost = await Host.open({ lingerMs: 0, ...options, driver: aDriver });
  const server = await zHost.listen({ port: 5000, ...zOptions });
  return { network, aDriver, zDriver, aHost, zHost, server };
}

export async function memoryPair(
  options: HostOptions = {},
  zOptions: AssociationOptions = {},
): Promise<MemoryPair> {
  const hosts = await memoryHosts(options, zOptions);
  const { network, aHost, server } = hosts;
  const accepted = server[Symbol.asyncIterator]().next();
  const a = await network.result(aHost.connect(Z_ADDRESSES));
  const { value: z } = await network.result(accepted);
  if (!(z instanceof Association)) throw new Error("no association arrived");
  return { ...hosts, a, z };
}

/** Everything that an association's peer sends until it closes, as text. */
export async function readAll(from: Association): Promise<string[]> {
  const texts: string[] = [];
  for await (const message of from) texts.push(new TextDecoder().decode(message.data));
  return texts;
}

/** A text as bytes. */
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
