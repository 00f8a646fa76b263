import { type Instant, type IpAddress, sameIp } from "@multihome/base";
import { choosePairs, type PathAttachment } from "@multihome/paths";
import type { SctpAssociation } from "./association.js";
import { markAllOf } from "./marking.js";
import { failPath } from "./path-failure.js";
import { addPath, emitPath, pathName, reselectPath } from "./path-selection.js";
import type { SctpPath } from "./sctp-path.js";

/**
 * Our addresses changed. A path whose local address is gone fails at once, without waiting for a
 * timer; it stays, is probed, and lives again with the address. New addresses that the peer knows (they
 * were listed at set-up) are tried. Telling the peer of others takes RFC 5061.
 */
export function interfacesChanged(
  a: SctpAssociation,
  now: Instant,
  locals: readonly (PathAttachment & { readonly address: IpAddress })[],
): void {
  if (a.state.kind === "closed") return;
  const lost: SctpPath[] = [];
  for (const path of a.paths) {
    const local = locals.find((l) => sameIp(l.address, path.local));
    const wasAllowed = path.allowed;
    if (local?.allowed === true) {
      path.attach(local);
      if (!wasAllowed) path.hbDue = true;
    } else {
      path.allowed = false;
      if (wasAllowed) lost.push(path);
    }
  }
  // Only now that all are known: what is sent goes over to one that is left, not to the next that is lost.
  for (const path of lost) {
    const gone = !locals.some((l) => sameIp(l.address, path.local));
    losePath(a, now, path, gone ? "linkDown" : "application");
  }
  if (a.established) {
    const port = a.current?.remotePort ?? a.paths[0]?.remotePort ?? 0;
    for (const { local, remote } of choosePairs(
      locals.filter((l) => l.allowed).map((l) => l.address),
      a.peerAddresses,
      a.config.maxPaths,
    )) {
      if (a.findPath(local, remote) !== undefined) continue;
      const path = addPath(a, now, local, remote, port);
      if (path !== undefined) path.hbDue = true;
    }
  }
  reselectPath(a, now, "policy");
}

function losePath(
  a: SctpAssociation,
  now: Instant,
  path: SctpPath,
  cause: "linkDown" | "application",
): void {
  markAllOf(a, path);
  if (path.confirmed && path.state.kind !== "inactive") {
    failPath(a, now, path, cause);
    reselectPath(a, now, cause);
  } else emitPath(a, now, { kind: "inactive", at: now, path: pathName(path), cause });
}
