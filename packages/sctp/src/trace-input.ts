import { AssociationTimer, type SctpAssociation } from "./association.js";
import { PathTimer, type SctpPath } from "./sctp-path.js";

/** Tells the trace whose packet is at hand, coming or going. */
export function tracePacket(a: SctpAssociation, path: SctpPath | undefined): void {
  a.owner.trace?.({ kind: "packet", association: a.id, path: path?.id ?? null });
}

/** Tells the trace which timer ran out: one of a path, or of the association itself. */
export function traceTimer(a: SctpAssociation, timer: number, path?: SctpPath): void {
  a.owner.trace?.({
    kind: "timer",
    association: a.id,
    path: path?.id ?? null,
    timer: timerName(path === undefined ? AssociationTimer : PathTimer, timer),
  });
}

const timerName = (timers: Readonly<Record<string, number>>, timer: number): string =>
  Object.keys(timers).find((name) => timers[name] === timer) ?? String(timer);
