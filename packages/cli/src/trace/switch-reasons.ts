import type { PathStory } from "./path-story.js";
import { ms, times } from "./story-text.js";

/** What a host knew when it moved its data from one path to another, in words. */
export function switchReasons(
  cause: string,
  at: number,
  from: PathStory,
  to: PathStory,
): readonly string[] {
  switch (cause) {
    case "tailLossProbe":
      return silence(from, to);
    case "heartbeatTimeout":
      if (from.suspicion !== undefined) return silence(from, to);
      return [`${times(from.asked.length, "HEARTBEAT")} over path ${from.id} without an answer`];
    case "retransmissionTimeout":
      return [
        `T3-rtx of path ${from.id} ran out${from.timeouts > 1 ? ` ${from.timeouts} times in a row` : ""}, RTO now ${ms(from.rto)}`,
      ];
    case "linkDown":
      return [`the system says that ${from.local} is gone, or its interface down`];
    case "addressRemoved":
      return [`the address ${from.local} is gone`];
    case "icmpUnreachable":
      return [`an ICMP message says that ${from.remote} cannot be reached`];
    case "switchback":
      return switchback(at, from, to);
    case "application":
      return ["our application asked for it, or forbade the path"];
    default:
      return [`the policy likes path ${to.id} better`];
  }
}

/** Why a path is taken for silent. */
export function silence(from: PathStory, to?: PathStory): readonly string[] {
  const s = from.suspicion;
  if (s === undefined) return [`path ${from.id} did not answer`];
  const reasons: string[] = [];
  if (s.awaitedFor !== undefined) {
    const rtt = s.srtt > 0 ? `: the round trip was ${ms(s.srtt)} ± ${ms(s.rttvar)}` : "";
    reasons.push(`no answer for ${ms(s.awaitedFor)} to what had left on path ${from.id}${rtt}`);
  }
  if (s.silentFor !== undefined) {
    reasons.push(`nothing had come over it for ${ms(s.silentFor)} when it was first in doubt`);
  }
  const [first, last] = [s.probes[0], s.probes.at(-1)];
  if (first !== undefined && last !== undefined) {
    const over = s.probes.length > 1 ? ` within ${ms(last - first)}` : "";
    const answered =
      to?.lastInAt !== undefined && to.lastInAt >= s.at
        ? `; path ${to.id} was heard meanwhile`
        : "";
    reasons.push(
      `it was asked by ${times(s.probes.length, "HEARTBEAT")}${over}, none was answered${answered}`,
    );
  }
  return reasons;
}

function switchback(at: number, from: PathStory, to: PathStory): readonly string[] {
  const away = to.failedAt === undefined ? "" : `, ${ms(at - to.failedAt)} after it had failed`;
  return [`path ${to.id} answers again${away}, and is preferred to path ${from.id}`];
}
