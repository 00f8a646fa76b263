import type { Host } from "multihome";
import { usageError } from "./command-error.js";

/**
 * Refuses addresses that this machine does not have, before anything is sent.
 * @throws CommandError `noUsableAddress`
 */
export function checkOwnAddresses(
  option: string,
  host: Host,
  addresses: readonly string[] | undefined,
): void {
  if (addresses === undefined) return;
  const usable = host.interfaces.flatMap((i) => (i.up && i.allowed ? i.addresses : []));
  const missing = addresses.filter((address) => !usable.includes(address));
  if (missing.length === 0) return;
  throw usageError(
    "noUsableAddress",
    `${option}: this machine does not have the address ${missing.join(", ")}`,
    { option, missing },
  );
}
