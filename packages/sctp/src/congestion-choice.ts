import {
  type CongestionConfig,
  type CongestionControl,
  Cubic,
  type RttEstimator,
  SctpNewReno,
} from "@multihome/congestion";
import type { SctpConfig } from "./config.js";

/**
 * The congestion control of a path. With strict timing it is that of RFC 9260 s7.2 with its recommended
 * values; otherwise the window begins at ten packets, L is 8, and HyStart++ ends slow start (RFC 6928 s2,
 * RFC 9406 s4.3).
 */
export function congestionControl(
  c: SctpConfig,
  path: Pick<CongestionConfig, "pmdcs" | "family">,
  rtt: RttEstimator,
): CongestionControl {
  const start: CongestionConfig =
    c.timing === "rfc"
      ? { ...path, initialWindow: "rfc9260" }
      : { ...path, initialWindow: "iw10", slowStartLimit: 8, hystart: true };
  return c.congestion === "cubic" ? new Cubic({ ...start, rtt }) : new SctpNewReno(start);
}
