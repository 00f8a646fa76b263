import { NEVER } from "@multihome/base";
import type { Oracle } from "../oracle.js";
import type { Pair } from "../pair.js";
import type { TestPeer } from "../test-peer.js";

/**
 * After repair and a graceful end nothing is left: no association, no deadline, no packet in the network,
 * nothing that waits to be sent or read.
 */
export const comingToRest: Oracle = {
  name: "comingToRest",
  watch: (pair) => ({
    end: () => {
      if (pair.net.sim.slotsInUse > 0)
        return `${pair.net.sim.slotsInUse} packets are in the network`;
      return check(pair, pair.a) ?? check(pair, pair.z);
    },
  }),
};

function check(pair: Pair, peer: TestPeer): string | undefined {
  const { core } = peer.node;
  const at = core.pollTimeout();
  if (peer.waiting > 0) {
    return `${peer.side} has ${peer.waiting} messages that still wait for room in the send buffer`;
  }
  if (core.associationCount > 0) {
    const id = peer.id;
    const status = id === undefined ? undefined : core.status(id);
    return `${peer.side} has ${core.associationCount} associations: ${JSON.stringify(status)}, next deadline in ${at === NEVER ? "eternity" : `${at - pair.now} us`}`;
  }
  if (at !== NEVER) return `${peer.side} has a deadline in ${at - pair.now} us and no association`;
  if (core.openPortCount > 0) return `${peer.side} has ${core.openPortCount} ports open`;
  return undefined;
}
