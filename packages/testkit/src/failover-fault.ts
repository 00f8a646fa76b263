import type { Fault } from "@multihome/netsim";
import type { Pair } from "./pair.js";

/**
 * What happens to the primary path. `aToZ` is the way of the data when a sends.
 *
 * - `blackhole`: every packet is lost, silently; `blackholeAToZ`, `blackholeZToA`: one way only
 * - `linkdown`: the link goes down, and both hosts are told
 * - `icmp`: every packet is lost and answered with an ICMP error
 * - `lossy`: loss grows from 0 to 60 % within two seconds
 * - `slow`: the round trip takes 20 times as long
 * - `none`: nothing at all; `jitter`: the delay varies by a fifth of the round trip and packets overtake
 *   each other; `loss3`: 3 % of the packets are lost; `reorder`: 5 % are overtaken. On every path; none of
 *   these is a reason to leave one
 */
export const FAILOVER_FAULTS = [
  "blackhole",
  "blackholeAToZ",
  "blackholeZToA",
  "linkdown",
  "icmp",
  "lossy",
  "slow",
  "none",
  "jitter",
  "loss3",
  "reorder",
] as const;

/** A name of {@link FAILOVER_FAULTS}. */
export type FailoverFault = (typeof FAILOVER_FAULTS)[number];

const HARMLESS: readonly FailoverFault[] = ["none", "jitter", "loss3", "reorder"];

/** True for a fault that is no reason to leave a path. */
export const isHarmless = (fault: FailoverFault): boolean => HARMLESS.includes(fault);

/** The faults of the simulator that make it, on a path of the network or on all. */
export function faultsOf(fault: FailoverFault, pair: Pair, path: number, rttMs: number): Fault[] {
  const everywhere = (params: Extract<Fault, { kind: "setLink" }>["params"]): Fault[] =>
    pair.net.paths.map((p) => ({ kind: "setLink", path: p.index, params }));
  switch (fault) {
    case "blackhole":
      return [{ kind: "cut", path }];
    case "blackholeAToZ":
      return [{ kind: "cut", path, direction: "aToZ" }];
    case "blackholeZToA":
      return [{ kind: "cut", path, direction: "zToA" }];
    case "linkdown":
      return [
        { kind: "linkDown", path, side: "a" },
        { kind: "linkDown", path, side: "z" },
      ];
    case "icmp":
      return [{ kind: "icmpUnreachable", path }];
    case "lossy":
      return [{ kind: "ramp", path, param: "loss", to: 0.6, overMs: 2000, steps: 40 }];
    case "slow":
      return [{ kind: "setLink", path, params: { delayMs: 10 * rttMs } }];
    case "none":
      return [];
    case "jitter":
      return everywhere({ jitter: { kind: "uniform", ms: rttMs / 10 }, jitterReorders: true });
    case "loss3":
      return everywhere({ loss: 0.03 });
    case "reorder":
      return everywhere({ reorder: { probability: 0.05, extraMs: rttMs / 10 } });
  }
}
