import type { Instant } from "@multihome/base";
import { choosePairs } from "@multihome/paths";
import { type AssociationState, AssociationTimer, type SctpAssociation } from "./association.js";
import { restartHeartbeatTimer, verifySoon } from "./heartbeat-timer.js";
import { addPath, confirmPath, reselectPath } from "./path-selection.js";
import { PathTimer, type SctpPath } from "./sctp-path.js";
import { startShutdown } from "./shutdown.js";

/** One for all associations. */
const ESTABLISHED: AssociationState = { kind: "established" };

/**
 * The association is up, over `via`: tells the application, opens the other paths and verifies them.
 * RFC 9260 s5.1, s5.4
 */
export function establish(
  a: SctpAssociation,
  now: Instant,
  via: SctpPath,
  restarted = false,
): void {
  a.state = ESTABLISHED;
  a.timers.stop(AssociationTimer.t1Init);
  a.timers.stop(AssociationTimer.t1Cookie);
  a.errorCount = 0;
  a.lastProgressAt = now;
  a.advertisedRwnd = a.config.receiveBufferBytes; // as in INIT and INIT ACK
  a.counters.associationsOpened++;
  a.primary = via;
  if (restarted) a.owner.emit({ kind: "restarted", at: now, id: a.id });
  else {
    a.owner.emit({
      kind: "up",
      at: now,
      id: a.id,
      incoming: a.incoming,
      outboundStreams: a.outboundStreams,
      inboundStreams: a.inboundStreams,
    });
  }
  // RFC 9260 s5.4 rule 1 takes every address that the application gave as confirmed. A path here is a
  // pair of addresses (docs/decisions/0003), and only this pair has carried anything: the others are
  // verified before data goes to them, so that no dead one is chosen.
  confirmPath(a, now, via);
  reselectPath(a, now, "policy");
  openPaths(a, now, via.remotePort);
  if (a.shutdownWanted) startShutdown(a, now);
}

/** Opens every useful pair of our addresses and the peer's, and verifies those that are not. */
function openPaths(a: SctpAssociation, now: Instant, remotePort: number): void {
  const pairs = choosePairs(a.owner.localAddresses, a.peerAddresses, a.config.maxPaths);
  for (const { local, remote } of pairs) addPath(a, now, local, remote, remotePort);
  for (const path of a.paths) {
    if (path.confirmed) {
      if (a.config.probing && (!path.rtt.hasSample || path.warmUps > 0)) path.hbDue = true;
      else if (!path.timers.isArmed(PathTimer.heartbeat)) restartHeartbeatTimer(a, now, path);
      continue;
    }
    verifySoon(a, now, path);
  }
}
