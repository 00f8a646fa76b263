import { SackUrgency, type SctpAssociation } from "./association.js";

/**
 * Called when a path fails, and when data moves to another. If the peer's DATA came over a path that has failed, so
 * went our last SACKs, and the peer may wait for them: one more goes over the path in use. (RFC 9260 s6.2 allows one
 * SACK for each packet; every second had none.)
 */
export function repeatSack(a: SctpAssociation): void {
  const last = a.lastDataPath;
  if (!a.config.probing || last === undefined || last.state.kind === "active") return;
  a.sackUrgency = SackUrgency.now;
}
