import { expect, test } from "@jest/globals";
import { IpAddress } from "@multihome/base";
import { RttEstimator, SctpNewReno } from "@multihome/congestion";
import { divergence, Path } from "./path.js";

const ip = (t: string): IpAddress => IpAddress.parse(t);
const rtt = (): RttEstimator =>
  new RttEstimator({
    rtoInitial: 1_000_000 as never,
    rtoMin: 1_000_000 as never,
    rtoMax: 60_000_000 as never,
    granularity: 1000 as never,
  });

test("divergence counts the ends that differ (RFC 9260 s6.4.1)", () => {
  const a = { local: ip("10.0.0.1"), remote: ip("192.0.2.1") };
  expect(divergence(a, { local: ip("10.0.0.1"), remote: ip("192.0.2.1") })).toBe(0);
  expect(divergence(a, { local: ip("10.0.0.1"), remote: ip("192.0.2.2") })).toBe(1);
  expect(divergence(a, { local: ip("10.0.0.2"), remote: ip("192.0.2.1") })).toBe(1);
  expect(divergence(a, { local: ip("10.0.0.2"), remote: ip("192.0.2.2") })).toBe(2);
});

test("a path begins unconfirmed, allowed, with the values of its estimators (RFC 9260 s14.3)", () => {
  const path = new Path(
    7,
    ip("10.0.0.1"),
    ip("192.0.2.1"),
    rtt(),
    new SctpNewReno({ pmdcs: 1468 }),
    1500,
  );
  expect(path).toMatchObject({
    id: 7,
    stateKind: "unconfirmed",
    allowed: true,
    suspected: false,
    cwnd: 4404,
    flightSize: 0,
    srtt: 0,
    rto: 1_000_000,
    pathMtu: 1500,
    errorCount: 0,
  });
  path.attach({ interfaceName: "wlan0", metered: true, cost: 3, allowed: false });
  expect(path).toMatchObject({ interfaceName: "wlan0", metered: true, cost: 3, allowed: false });
  path.rtt.sample(0 as never, 40_000 as never);
  expect(path.srtt).toBe(40_000);
  path.state = { kind: "active" };
  expect(path.stateKind).toBe("active");
});
