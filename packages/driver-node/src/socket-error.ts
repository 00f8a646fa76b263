import { type IpAddress, StackError } from "@multihome/base";

/** The system's name of an error (`EADDRINUSE`); empty when there is none. */
export const errorCode = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error && typeof error.code === "string"
    ? error.code
    : "";

// A packet could not leave because our address, its interface or its route is gone.
const GONE: readonly string[] = [
  "EADDRNOTAVAIL",
  "ENETDOWN",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "EHOSTDOWN",
  "ENODEV",
  "ENXIO",
  "EINVAL",
];

/** True if the error suggests that the interfaces are not what they were. */
export const suggestsAddressGone = (error: unknown): boolean => GONE.includes(errorCode(error));

const text = (address: IpAddress, port: number): string =>
  address.family === 4 ? `${address}:${port}` : `[${address}]:${port}`;

/** What the application is told when a socket could not be bound. */
export function bindFailure(error: unknown, address: IpAddress, port: number): StackError {
  const code = errorCode(error);
  const details = { address: address.toString(), port, systemCode: code };
  const where = `UDP ${text(address, port)}`;
  if (code === "EADDRINUSE") {
    return new StackError("addressInUse", `${where} is in use by another socket`, details);
  }
  if (code === "EACCES" || code === "EPERM") {
    const hint = port > 0 && port < 1024 ? "; ports below 1024 may need privileges" : "";
    return new StackError("noPermission", `no permission to bind ${where}${hint}`, details);
  }
  if (code === "EADDRNOTAVAIL" || code === "EINVAL" || code === "EAFNOSUPPORT") {
    return new StackError(
      "addressUnavailable",
      `cannot bind ${where}: this host does not have that address`,
      details,
    );
  }
  const why = error instanceof Error ? error.message : String(error);
  return new StackError("bindFailed", `cannot bind ${where}: ${why}`, details);
}
