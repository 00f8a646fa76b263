import { describe, expect, test } from "@jest/globals";
import { IpAddress, NEVER } from "@multihome/base";
import fc from "fast-check";
import type { PathView } from "./path.js";
import { alternativeTo, handover, policies, primaryFirst } from "./path-policy.js";
import type { PathStateKind } from "./path-state.js";

interface Given {
  readonly id?: number;
  readonly local?: number;
  readonly remote?: number;
  readonly state?: PathStateKind;
  readonly suspected?: boolean;
  readonly cost?: number;
  readonly errorCount?: number;
  /** Milliseconds. */
  readonly srtt?: number;
  readonly minRtt?: number;
  /** When it last answered, in milliseconds; what is in trouble is so since 1,000. */
  readonly answeredAt?: number;
  readonly interfaceName?: string;
}

function path(g: Given = {}): PathView {
  return {
    id: g.id ?? 1,
    local: IpAddress.v4(0x0a000001 + 256 * (g.local ?? 0)),
    remote: IpAddress.v4(0xc0000201 + (g.remote ?? 0)),
    stateKind: g.state ?? "active",
    interfaceName: g.interfaceName ?? "",
    metered: false,
    cost: g.cost ?? 0,
    allowed: true,
    suspected: g.suspected ?? false,
    troubledSince: (g.suspected ?? false) || (g.state ?? "active") !== "active" ? 1e6 : NEVER,
    lastRttSampleAt: g.answeredAt === undefined ? NEVER : 1000 * g.answeredAt,
    cwnd: 0,
    ssthresh: 0,
    flightSize: 0,
    srtt: 1000 * (g.srtt ?? 0),
    rttvar: 0,
    minRtt: 1000 * (g.minRtt ?? 0),
    rto: 0,
    pathMtu: 1500,
    errorCount: g.errorCount ?? 0,
    bytesSent: 0,
    bytesReceived: 0,
    packetsSent: 0,
    packetsReceived: 0,
    lastHeard: 0,
  } as unknown as PathView;
}

describe("handover", () => {
  test("stays on a healthy primary, whatever the others cost", () => {
    const primary = path({ id: 1, cost: 9 });
    const other = path({ id: 2, local: 1, remote: 1 });
    expect(handover.select([primary, other], { current: primary, primary })).toBe(primary);
    expect(handover.select([primary, other], { current: other, primary })).toBe(primary);
  });

  test("leaves a failed or suspected primary for an active path", () => {
    for (const trouble of [{ state: "potentiallyFailed" as const }, { suspected: true }]) {
      const primary = path({ id: 1, ...trouble });
      const other = path({ id: 2, local: 1, remote: 1 });
      expect(handover.select([other, primary], { current: primary, primary })).toBe(other);
    }
  });

  test("takes the most divergent of equals (RFC 9260 s6.4.1)", () => {
    const failed = path({ id: 1, state: "potentiallyFailed", errorCount: 1 });
    const sameRemote = path({ id: 2, local: 1, remote: 0 });
    const disjoint = path({ id: 3, local: 1, remote: 1 });
    const usable = [sameRemote, disjoint, failed];
    expect(handover.select(usable, { current: failed, primary: failed })).toBe(disjoint);
  });

  test("takes the cheaper of healthy paths", () => {
    const failed = path({ id: 1, state: "inactive", errorCount: 6 });
    const dear = path({ id: 2, local: 1, remote: 1, cost: 5 });
    const cheap = path({ id: 3, local: 2, remote: 2, cost: 1 });
    expect(handover.select([dear, cheap, failed], { current: failed, primary: failed })).toBe(
      cheap,
    );
  });

  test("with all failed, takes the one with the fewest errors (RFC 7829 s3.2 rule 4, s4.1)", () => {
    const primary = path({ id: 1, state: "inactive", errorCount: 7 });
    const other = path({ id: 2, local: 1, remote: 1, state: "inactive", errorCount: 6 });
    expect(handover.select([primary, other], { current: primary, primary })).toBe(other);
    const pf = path({ id: 3, local: 2, state: "potentiallyFailed", errorCount: 9 });
    expect(handover.select([pf, primary, other], { current: primary, primary })).toBe(pf);
  });

  test("always takes one of the paths on offer, in no worse state than any, whatever their order", () => {
    const state = fc.constantFrom<PathStateKind>("active", "potentiallyFailed", "inactive");
    const given = fc.record({
      local: fc.nat({ max: 2 }),
      remote: fc.nat({ max: 2 }),
      state,
      suspected: fc.boolean(),
      cost: fc.nat({ max: 2 }),
      errorCount: fc.nat({ max: 3 }),
    });
    const order = ["active", "potentiallyFailed", "inactive"];
    fc.assert(
      fc.property(
        fc.array(given, { minLength: 1, maxLength: 6 }),
        fc.nat({ max: 5 }),
        fc.nat({ max: 5 }),
        (all, c, p) => {
          const paths = all.map((g, i) => path({ ...g, id: i + 1 }));
          const context = { current: paths[c % paths.length], primary: paths[p % paths.length] };
          const chosen = handover.select(paths, context);
          const best = Math.min(...paths.map((q) => order.indexOf(q.stateKind)));
          expect(paths).toContain(chosen);
          expect(order.indexOf(chosen.stateKind)).toBe(best);
          expect(handover.select([...paths].reverse(), context)).toBe(chosen);
        },
      ),
    );
  });
});

describe("a path that shares an end with one in trouble", () => {
  const failed = path({ id: 1, interfaceName: "eth0", state: "potentiallyFailed" });
  const disjoint = path({ id: 9, local: 1, remote: 1, interfaceName: "eth1" });

  test.each([
    ["the local address", { local: 0, remote: 1 }],
    ["the remote address", { local: 1, remote: 0 }],
    ["the interface, with another address of it", { local: 2, remote: 2, interfaceName: "eth0" }],
  ])("%s, comes after one that shares none, though it is the primary", (_, given) => {
    for (const answeredAt of [undefined, 999]) {
      const crossing = path({
        id: 2,
        ...given,
        ...(answeredAt === undefined ? {} : { answeredAt }),
      });
      const usable = [crossing, disjoint, failed];
      for (const primary of [failed, crossing]) {
        expect(handover.select(usable, { current: failed, primary })).toBe(disjoint);
      }
      expect(alternativeTo(failed, [crossing, disjoint], usable)).toBe(disjoint);
      // It is used where there is no other, and is not left while it serves.
      expect(handover.select([crossing, failed], { current: failed, primary: failed })).toBe(
        crossing,
      );
      expect(handover.select(usable, { current: crossing, primary: crossing })).toBe(crossing);
    }
  });

  test("is as good as any once it has answered since", () => {
    const crossing = path({ id: 2, remote: 1, answeredAt: 1001 });
    const usable = [crossing, disjoint, failed];
    expect(handover.select(usable, { current: disjoint, primary: crossing })).toBe(crossing);
  });

  test("there is no alternative among none", () => {
    expect(alternativeTo(failed, [], [failed])).toBeUndefined();
  });
});

describe("a primary that was left and has become slow", () => {
  const other = path({ id: 2, local: 1, remote: 1, srtt: 50, minRtt: 50 });

  test.each([
    [40, 40, "it is as it was"],
    [150, 40, "not four times its least round trip"],
    [199, 40, "not four times that of the path in use"],
    [240, 20, "slow in every way"],
  ])("srtt %d ms, least %d ms: %s", (srtt, minRtt, why) => {
    const primary = path({ id: 1, srtt, minRtt });
    const back = why !== "slow in every way";
    expect(handover.select([primary, other], { current: other, primary })).toBe(
      back ? primary : other,
    );
    // while it is in use it is not left for that
    expect(handover.select([primary, other], { current: primary, primary })).toBe(primary);
    // RFC 9260 s6.4
    expect(primaryFirst.select([primary, other], { current: other, primary })).toBe(primary);
  });
});

test("policies are known by their names", () => {
  for (const [name, policy] of Object.entries(policies)) expect(policy.name).toBe(name);
});
