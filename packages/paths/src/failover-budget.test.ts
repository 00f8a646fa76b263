import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { DEFAULT_BUDGET_MS, failoverTiming, RFC_TIMING } from "./failover-budget.js";

test("rfc takes the values of RFC 9260 s16 and RFC 7829 s6, whatever the budget", () => {
  const t = failoverTiming("rfc", { budgetMs: 50 });
  expect(t).toBe(RFC_TIMING);
  expect([t.rtoInitial, t.rtoMin, t.rtoMax, t.hbInterval]).toEqual([1e6, 1e6, 60e6, 30e6]);
  expect([t.pathMaxRetrans, t.associationMaxRetrans, t.potentiallyFailedMaxRetrans]).toEqual([
    5, 10, 0,
  ]);
  expect(t.sackDelay).toBe(200_000);
  expect(t.probing).toBe(false);
});

test("every timer keeps its order for every budget", () => {
  fc.assert(
    fc.property(fc.double({ min: 20, max: 60_000, noNaN: true }), (budgetMs) => {
      const t = failoverTiming("fast", { budgetMs });
      expect(t.rtoMin).toBeLessThanOrEqual(t.rtoInitial);
      expect(t.rtoInitial).toBeLessThanOrEqual(t.rtoMax);
      expect(t.sackDelay).toBeLessThan(t.rtoMin);
      expect(t.sackDelay).toBeLessThanOrEqual(500_000); // RFC 9260 s6.2
      expect(t.connectionAttemptDelay).toBeGreaterThanOrEqual(100_000); // RFC 8305 s8
      expect(t.probing).toBe(true);
    }),
  );
});

test.each([19, 60_001, Number.NaN, "fast"])("a budget of %p is refused", (budgetMs) => {
  expect(() => failoverTiming("fast", { budgetMs: budgetMs as number })).toThrow(
    expect.objectContaining({ code: "invalidOption" }),
  );
});

test("an unknown timing is refused", () => {
  expect(() => failoverTiming("slow" as "fast")).toThrow(/expected 'fast' or 'rfc'/);
});

test("docs/failover.md shows the defaults", () => {
  const page = readFileSync(new URL("../../../docs/failover.md", import.meta.url), "utf8");
  const row = (name: string): string =>
    page.split("\n").find((l) => l.startsWith(`| ${name} |`)) ?? "";
  const t = failoverTiming();
  const ms = (us: number): string => (us >= 1e6 ? `${us / 1e6} s` : `${us / 1e3} ms`);
  expect(page).toContain(`Default ${DEFAULT_BUDGET_MS}.`);
  expect(row("RTO.Initial")).toContain(`| ${ms(t.rtoInitial)} |`);
  expect(row("RTO.Min")).toContain(`| ${ms(t.rtoMin)} |`);
  expect(row("RTO.Max")).toContain(`| ${ms(t.rtoMax)} |`);
  expect(row("HB.interval")).toContain(`| ${ms(t.hbInterval)} |`);
  expect(row("SACK.Delay")).toContain(`| ${ms(t.sackDelay)} |`);
  expect(row("probe margin")).toContain(`| ${ms(t.probeMargin)} |`);
});
