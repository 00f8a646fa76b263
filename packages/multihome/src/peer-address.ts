import { lookup } from "node:dns/promises";
import { IpAddress, StackError, sameIp } from "@multihome/base";

/** Where a peer is: some addresses, one port. */
export interface PeerAddress {
  readonly remotes: readonly IpAddress[];
  readonly port: number;
  /** Every address with its port, as text, in order. */
  readonly texts: readonly string[];
}

/** An address with a port as text: `192.0.2.1:5000`, `[2001:db8::1]:5000`. */
export const addressText = (address: IpAddress, port: number): string =>
  address.family === 4 ? `${address}:${port}` : `[${address}]:${port}`;

/** Splits `host:port`. The host may be an IPv4 address, an IPv6 address in brackets, or a name. */
function split(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text.trim());
  const port = Number(match?.[3] ?? 0);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined || port < 1 || port > 65_535) {
    throw new StackError(
      "invalidAddress",
      `not an address with a port: got ${JSON.stringify(text)}, expected for example 192.0.2.1:5000, [2001:db8::1]:5000 or example.org:5000`,
      { got: text },
    );
  }
  return { host, port };
}

/**
 * Reads the addresses of a peer; names are looked up and stand for all of their addresses.
 * @throws StackError `invalidAddress`, `portsDiffer`, `nameNotFound`
 */
export async function resolvePeer(to: string | readonly string[]): Promise<PeerAddress> {
  const list = (typeof to === "string" ? to.split(",") : to).map(split);
  const first = list[0];
  if (first === undefined) {
    throw new StackError("invalidAddress", "no address to connect to", { got: to });
  }
  const other = list.find((e) => e.port !== first.port);
  if (other !== undefined) {
    throw new StackError(
      "portsDiffer",
      `all addresses of one peer have the same port: got ${first.port} and ${other.port}`,
      { ports: [...new Set(list.map((e) => e.port))] },
    );
  }
  const found = await Promise.all(list.map((e) => addressesOf(e.host)));
  const remotes = found.flat().filter((a, i, all) => all.findIndex((b) => sameIp(a, b)) === i);
  return {
    remotes,
    port: first.port,
    texts: remotes.map((a) => addressText(a, first.port)),
  };
}

async function addressesOf(host: string): Promise<IpAddress[]> {
  const address = IpAddress.tryParse(host);
  if (address !== undefined) return [address];
  try {
    const found = await lookup(host, { all: true, order: "verbatim" });
    return found.flatMap((f) => IpAddress.tryParse(f.address) ?? []);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StackError("nameNotFound", `no address of ${host} is known: ${why}`, { host });
  }
}
