import { IpAddress } from "@multihome/base";
import { type CommandError, usageError } from "./command-error.js";

/** Addresses of ours with the port that they share, as `--listen` gives them. */
export interface Endpoints {
  /** In the order given; `undefined` for all of this machine's. */
  readonly addresses: readonly string[] | undefined;
  readonly port: number;
}

/**
 * Reads `192.0.2.1:5000,[2001:db8::1]:5000`, or a port alone; port 0 stands for a free one.
 * @throws CommandError `invalidAddress`, `invalidPort`, `portsDiffer`
 */
export function parseListen(text: string): Endpoints {
  const parts = text.split(",").map((part) => splitPort("--listen", part.trim(), 0));
  const port = parts[0]?.port ?? 0;
  const other = parts.find((part) => part.port !== port);
  if (other !== undefined) {
    throw usageError(
      "portsDiffer",
      `--listen: got ports ${port} and ${other.port}, expected the same port for every address`,
      { ports: [port, other.port] },
    );
  }
  const addresses = parts.flatMap(({ host }) =>
    host === "" ? [] : [ownAddress("--listen", host).toString()],
  );
  return { addresses: addresses.length === 0 ? undefined : addresses, port };
}

/**
 * Reads `192.0.2.1,2001:db8::1`: addresses of our own, without ports.
 * @throws CommandError `invalidAddress`
 */
export const parseFrom = (text: string): string[] =>
  text
    .split(",")
    .map((part) => ownAddress("--from", part.trim().replace(/^\[(.*)\]$/, "$1")).toString());

/**
 * Checks `192.0.2.1:5000,server.example:5000` as far as can be without a look-up, so that a mistyped
 * address is not taken for a name.
 *
 * @returns the parts
 * @throws CommandError `invalidAddress`, `invalidPort`
 */
export function parsePeer(option: string, text: string): string[] {
  return text.split(",").map((part) => {
    const { host } = splitPort(option, part.trim(), 1);
    const isName = /^(?=.*[a-z])[a-z0-9]([-a-z0-9.]*[a-z0-9])?\.?$/i.test(host);
    if (!isName) ownAddress(option, host);
    return part.trim();
  });
}

function splitPort(
  option: string,
  text: string,
  leastPort: 0 | 1,
): { readonly host: string; readonly port: number } {
  const found =
    /^\[([^\]]+)\]:(\d+)$/.exec(text) ?? /^([^:[\]]*):(\d+)$/.exec(text) ?? /^()(\d+)$/.exec(text);
  if (found === null) {
    throw usageError(
      "invalidAddress",
      `${option}: got ${JSON.stringify(text)}, expected ADDRESS:PORT such as 192.0.2.1:5000 or [2001:db8::1]:5000`,
      { option, got: text },
    );
  }
  const port = Number(found[2]);
  if (port < leastPort || port > 65_535) {
    throw usageError("invalidPort", `${option}: got port ${port}, expected ${leastPort} to 65535`, {
      option,
      got: port,
    });
  }
  return { host: found[1] ?? "", port };
}

function ownAddress(option: string, text: string): IpAddress {
  const address = IpAddress.tryParse(text);
  if (address !== undefined) return address;
  throw notAnAddress(option, text);
}

const notAnAddress = (option: string, got: string): CommandError =>
  usageError(
    "invalidAddress",
    `${option}: got ${JSON.stringify(got)}, expected an IPv4 or IPv6 address`,
    { option, got },
  );
