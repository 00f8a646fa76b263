import type { Instant } from "@multihome/base";
import { AssociationTimer, SackUrgency, type SctpAssociation } from "./association.js";
import { handleHeartbeatTimeout, handleHeartbeatTimer } from "./heartbeat.js";
import { handleReorderTimer, handleT3Timer } from "./loss-recovery.js";
import { PathTimer, type SctpPath } from "./sctp-path.js";
import { handleT1Cookie, handleT1Init } from "./setup-client.js";
import { handleT2Timer, handleT5Timer } from "./shutdown.js";
import { handleSuspicionTimer, handleVerdictTimer } from "./suspicion.js";
import { dropExpired } from "./transmit.js";

/** Runs every timer of the association that is due, in a fixed order: its own, then each path's. */
export function runTimers(a: SctpAssociation, now: Instant): void {
  for (let t = a.timers.takeExpired(now); t >= 0; t = a.timers.takeExpired(now)) {
    runAssociationTimer(a, now, t);
    if (a.state.kind === "closed") return;
  }
  for (let i = 0; i < a.paths.length; i++) {
    const path = a.paths[i] as SctpPath;
    for (let t = path.timers.takeExpired(now); t >= 0; t = path.timers.takeExpired(now)) {
      runPathTimer(a, now, path, t);
      if (a.state.kind === "closed") return;
    }
  }
}

function runAssociationTimer(a: SctpAssociation, now: Instant, timer: number): void {
  switch (timer) {
    case AssociationTimer.t1Init:
      return handleT1Init(a, now);
    case AssociationTimer.t1Cookie:
      return handleT1Cookie(a, now);
    case AssociationTimer.t2Shutdown:
      return handleT2Timer(a, now);
    case AssociationTimer.t5ShutdownGuard:
      return handleT5Timer(a, now);
    case AssociationTimer.sackDelay:
      if (a.sackUrgency === SackUrgency.delayed) a.sackUrgency = SackUrgency.now;
      return;
    case AssociationTimer.zeroWindowProbe:
      a.zeroWindowProbeDue = true;
      return;
    case AssociationTimer.expiry:
      return dropExpired(a, now);
  }
}

function runPathTimer(a: SctpAssociation, now: Instant, path: SctpPath, timer: number): void {
  switch (timer) {
    case PathTimer.t3Rtx:
      return handleT3Timer(a, now, path);
    case PathTimer.heartbeat:
      return handleHeartbeatTimer(a, now, path);
    case PathTimer.heartbeatReply:
      return handleHeartbeatTimeout(a, now, path);
    case PathTimer.reorder:
      return handleReorderTimer(a, now);
    case PathTimer.suspicion:
      return handleSuspicionTimer(a, now, path);
    case PathTimer.verdict:
      return handleVerdictTimer(a, now, path);
  }
}
