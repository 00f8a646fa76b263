import type { Instant } from "@multihome/base";
import { AssociationTimer, SackUrgency, type SctpAssociation } from "./association.js";
import { handleBufferIdle } from "./buffer-tuning.js";
import { handleHeartbeatTimeout, handleHeartbeatTimer } from "./heartbeat.js";
import { handleReorderTimer, handleT3Timer } from "./loss-recovery.js";
import { handleSuspicionTimer, handleVerdictTimer } from "./probing.js";
import { PathTimer, type SctpPath } from "./sctp-path.js";
import { handleT1Cookie, handleT1Init } from "./setup-client.js";
import { handleT2Timer, handleT5Timer } from "./shutdown.js";
import { traceTimer } from "./trace-input.js";
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
  traceTimer(a, timer);
  switch (timer) {
    case AssociationTimer.t1Init:
      a.counters.t1Expirations++;
      handleT1Init(a, now);
      return;
    case AssociationTimer.t1Cookie:
      a.counters.t1Expirations++;
      handleT1Cookie(a, now);
      return;
    case AssociationTimer.t2Shutdown:
      a.counters.t2Expirations++;
      handleT2Timer(a, now);
      return;
    case AssociationTimer.t5ShutdownGuard:
      handleT5Timer(a, now);
      return;
    case AssociationTimer.sackDelay:
      if (a.sackUrgency === SackUrgency.delayed) a.sackUrgency = SackUrgency.now;
      return;
    case AssociationTimer.zeroWindowProbe:
      a.zeroWindowProbeDue = true;
      return;
    case AssociationTimer.expiry:
      dropExpired(a, now);
      return;
    case AssociationTimer.bufferIdle:
      handleBufferIdle(a, now);
      return;
  }
}

function runPathTimer(a: SctpAssociation, now: Instant, path: SctpPath, timer: number): void {
  traceTimer(a, timer, path);
  switch (timer) {
    case PathTimer.t3Rtx:
      handleT3Timer(a, now, path);
      return;
    case PathTimer.heartbeat:
      handleHeartbeatTimer(a, now, path);
      if (path.hbDue) a.rest();
      return;
    case PathTimer.heartbeatReply:
      a.counters.heartbeatsUnanswered++;
      handleHeartbeatTimeout(a, now, path);
      return;
    case PathTimer.reorder:
      handleReorderTimer(a, now);
      return;
    case PathTimer.suspicion:
      handleSuspicionTimer(a, now, path);
      return;
    case PathTimer.verdict:
      handleVerdictTimer(a, now, path);
      return;
  }
}
