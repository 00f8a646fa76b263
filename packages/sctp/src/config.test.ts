import { describe, expect, test } from "@jest/globals";
import { StackError } from "@multihome/base";
import { handover, primaryFirst, RFC_TIMING } from "@multihome/paths";
import { type SctpOptions, sctpConfig } from "./config.js";

/** Each numeric option with what is just outside on both sides. */
const LIMITS: readonly [keyof SctpOptions, number, number][] = [
  ["rtoInitialMs", -1, 3_600_001],
  ["rtoMinMs", -1, 3_600_001],
  ["rtoMaxMs", -1, 3_600_001],
  ["hbIntervalMs", -1, 3_600_001],
  ["sackDelayMs", -1, 501],
  ["pathMaxRetrans", -1, 1001],
  ["potentiallyFailedMaxRetrans", -1, 1001],
  ["primarySwitchoverMaxRetrans", -1, 1001],
  ["associationMaxRetrans", 0, 10_001],
  ["giveUpAfterMs", -1, 3_600_001],
  ["maxInitRetransmits", -1, 1001],
  ["validCookieLifeMs", -1, 3_600_001],
  ["outboundStreams", 0, 65_536],
  ["maxInboundStreams", 0, 65_536],
  ["receiveBufferBytes", 4095, (1 << 30) + 1],
  ["sendBufferBytes", 0, (1 << 30) + 1],
  ["maxMessageBytes", 0, (1 << 30) + 1],
  ["mtu", 575, 65_536],
  ["maxBurst", 0, 1001],
  ["maxPaths", 0, 65],
  ["maxPeerAddresses", 0, 65],
  ["maxAssociations", 0, (1 << 24) + 1],
  ["maxAssociationsPerPeer", 0, (1 << 24) + 1],
];

const refusal = (o: object): StackError => {
  try {
    sctpConfig(o);
  } catch (e) {
    if (e instanceof StackError) return e;
    throw e;
  }
  throw new Error(`${JSON.stringify(o)} was accepted`);
};

describe("sctpConfig", () => {
  test.each(LIMITS)(
    "refuses %s out of range, by name, with what was given and what is allowed",
    (name, low, high) => {
      for (const got of [low, high, Number.NaN, "5", null, {}]) {
        const e = refusal({ [name]: got });
        expect(e.code).toBe("invalidOption");
        expect(e.message).toContain(name);
        expect(e.message).toContain(String(got));
        expect(e.details).toMatchObject({ option: name });
      }
    },
  );

  test.each(LIMITS.filter(([name]) => !name.endsWith("Ms")))(
    "%s must be a whole number",
    (name, low) => {
      expect(refusal({ [name]: low + 1.5 }).message).toContain(name);
    },
  );

  test.each(LIMITS)("takes the ends of the range of %s", (name, low, high) => {
    if (name === "primarySwitchoverMaxRetrans") return; // its lower end is PFMR
    const step = name.endsWith("Ms") ? 1 : 1;
    expect(() => sctpConfig({ [name]: low + step })).not.toThrow();
    expect(() => sctpConfig({ [name]: high - step })).not.toThrow();
  });

  test("refuses an unknown timing and a budget out of range", () => {
    expect(refusal({ timing: "slow" }).message).toContain("timing");
    expect(refusal({ failover: { budgetMs: 19 } }).message).toContain("failover.budgetMs");
    expect(refusal({ failover: { budgetMs: 60_001 } }).message).toContain("failover.budgetMs");
  });

  test("strict timing has every value of RFC 9260 s16 and RFC 7829 s6", () => {
    expect(sctpConfig({ timing: "rfc" })).toMatchObject({
      ...RFC_TIMING,
      maxInitRetransmits: 8,
      validCookieLife: 60_000_000,
      maxBurst: 4,
      rtoInitial: 1_000_000,
      rtoMin: 1_000_000,
      rtoMax: 60_000_000,
      associationMaxRetrans: 10,
      pathMaxRetrans: 5,
      hbInterval: 30_000_000,
      sackDelay: 200_000,
      potentiallyFailedMaxRetrans: 0,
      primarySwitchoverMaxRetrans: Number.POSITIVE_INFINITY,
      policy: primaryFirst,
      immediateAcks: false,
    });
    expect(sctpConfig()).toMatchObject({ policy: handover, immediateAcks: true, maxBurst: 16 });
  });

  test("a single option wins over the timing; RTO.Min and RTO.Initial stay below RTO.Max", () => {
    expect(sctpConfig({ timing: "rfc", sackDelayMs: 50 }).sackDelay).toBe(50_000);
    expect(sctpConfig({ timing: "rfc", rtoMaxMs: 300 })).toMatchObject({
      rtoMax: 300_000,
      rtoMin: 300_000,
      rtoInitial: 300_000,
    });
  });
});
