import { expect, test } from "@jest/globals";
import { type Instant, NEVER } from "./instant.js";
import { TimerTable } from "./timer-table.js";

const at = (n: number): Instant => n as Instant;

test("starts with nothing armed", () => {
  const t = new TimerTable(3);
  expect(t.next()).toBe(NEVER);
  expect(t.isArmed(0)).toBe(false);
  expect(t.takeExpired(at(1e9))).toBe(-1);
});

test("equal deadlines expire in index order, each once", () => {
  const t = new TimerTable(4);
  t.arm(3, at(10));
  t.arm(1, at(10));
  t.arm(2, at(11));
  expect(t.next()).toBe(10);
  expect(t.takeExpired(at(10))).toBe(1);
  expect(t.takeExpired(at(10))).toBe(3);
  expect(t.takeExpired(at(10))).toBe(-1);
  expect(t.next()).toBe(11);
});

test("arming again replaces the deadline, stopping removes it", () => {
  const t = new TimerTable(2);
  t.arm(0, at(5));
  t.arm(0, at(7));
  expect(t.at(0)).toBe(7);
  t.stop(0);
  expect(t.isArmed(0)).toBe(false);
  t.arm(0, at(1));
  t.arm(1, at(2));
  t.stopAll();
  expect(t.next()).toBe(NEVER);
});
