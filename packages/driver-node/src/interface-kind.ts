import type { InterfaceKind } from "@multihome/paths";

// Names of interfaces as Linux (systemd and older), Android, macOS, iOS, the BSDs and Windows give them.
const KINDS: readonly (readonly [RegExp, InterfaceKind])[] = [
  [/^(wl|wlan|ath|wi-?fi|wireless|ra\d)/i, "wifi"],
  [/^(ww|wwan|rmnet|ccmni|pdp_ip|cellular|mobile)/i, "cellular"],
  [/^(bnep|bt-?pan|bluetooth)/i, "bluetooth"],
  [/^(tun|tap|wg|utun|ppp|ipsec|tailscale|zt|vpn)/i, "vpn"],
  [/^(en|eth|em\d|igb|ixgbe|ethernet)/i, "ethernet"],
];

/** Guesses what an interface attaches to from its name: the system tells plain Node nothing else. */
export function interfaceKind(name: string): InterfaceKind {
  return KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? "other";
}
