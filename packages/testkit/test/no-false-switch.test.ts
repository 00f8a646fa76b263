import { expect, test } from "@jest/globals";
import { disturbances, runSchedules } from "../src/index.js";

// `multihome sim schedules --disturbances --count 10000` runs more.
test("500 schedules of jitter, loss up to 3 % and reordering move nothing", () => {
  const result = runSchedules({ ...disturbances(2), count: 500, seed: 1 });
  expect(result.first).toBeUndefined();
  expect(result).toMatchObject({ ran: 500, failed: 0 });
  expect(result.delivered).toBeGreaterThan(10_000);
}, 60_000);
