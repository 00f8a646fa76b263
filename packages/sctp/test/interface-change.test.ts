import { expect, test } from "@jest/globals";
import { IpAddress } from "@multihome/base";
import { Script } from "./support/scripted-peer.js";

/** The host has these addresses from now on. */
const setAddresses = (s: Script, ...addresses: readonly string[]): void => {
  s.endpoint.handle(s.now, {
    kind: "addresses",
    addresses: addresses.map((a) => ({
      address: IpAddress.parse(a),
      interfaceName: a,
      metered: false,
      cost: 0,
      allowed: true,
    })),
  });
};

test("two addresses go at once: one switch, to an address that is left", () => {
  const s = new Script({
    local: ["10.1.0.1", "10.2.0.1", "10.3.0.1"],
    peer: ["10.1.0.2", "10.2.0.2", "10.3.0.2"],
  });
  s.openFromPeer();
  s.advanceAnswering(1000);
  expect(s.paths()[0]).toBe("*10.1.0.1>10.1.0.2 active");
  s.takeEvents();
  setAddresses(s, "10.3.0.1");
  s.drain();
  const switches = s.events.flatMap((e) =>
    e.kind === "path" && e.event.kind === "switched" ? [e.event] : [],
  );
  expect(switches.map((e) => [e.to.local.toString(), e.cause])).toEqual([["10.3.0.1", "linkDown"]]);
});
