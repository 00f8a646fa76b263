import { describe, expect, test } from "@jest/globals";
import { matchers, Pair } from "../src/index.js";

const run = (): Pair => {
  const pair = new Pair({ seed: 3 });
  pair.connect();
  pair.send("a", { bytes: 5000, count: 4 });
  return pair;
};

describe("toDeliverEverything", () => {
  test("passes when everything came", () => {
    const pair = run();
    pair.advance(500);
    expect(matchers.toDeliverEverything(pair).pass).toBe(true);
  });

  test("names what did not come, came twice, or came with other bytes", () => {
    const pair = run();
    const early = matchers.toDeliverEverything(pair);
    expect(early.pass).toBe(false);
    expect(early.message()).toBe("a's message 0 was accepted and not delivered");
    pair.advance(500);
    const first = pair.z.received[0];
    if (first === undefined) throw new Error("nothing came");
    pair.z.received.push(first);
    expect(matchers.toDeliverEverything(pair).message()).toBe(
      "a's message 0 was delivered 2 times",
    );
    pair.z.received.push({ ...first, intact: false });
    expect(matchers.toDeliverEverything(pair).message()).toContain("with other bytes");
  });

  test("names what waits for room", () => {
    const pair = new Pair({ sctp: { sendBufferBytes: 1000 } });
    pair.connect();
    pair.apply({ op: "cut", path: 0 });
    pair.apply({ op: "cut", path: 1 });
    pair.send("a", { bytes: 900, count: 2 });
    pair.z.received.push({
      index: 0,
      stream: 0,
      unordered: false,
      bytes: 900,
      at: pair.now,
      intact: true,
    });
    expect(matchers.toDeliverEverything(pair).message()).toBe(
      "a's message 1 still waits for room in the send buffer",
    );
  });
});

test("toComeToRest closes and runs to the end", () => {
  const pair = run();
  expect(matchers.toComeToRest(pair).pass).toBe(true);
  expect(pair.a.ended).toEqual({ kind: "shutdown" });
});

test("toComeToRest says when it does not", () => {
  const pair = run();
  pair.z.read("none");
  pair.apply({ op: "send", side: "a", bytes: 60_000, count: 100 });
  const result = matchers.toComeToRest(pair);
  expect(result.pass).toBe(false);
  expect(result.message()).toMatch(/^the pair did not come to rest within \d+ events/);
});

test("toPassOracles runs a schedule and tells how to run it again", () => {
  const schedule = { seed: 1, topology: { delaysMs: [10, 20] }, ops: [] };
  expect(matchers.toPassOracles(schedule)).toMatchObject({ pass: true });
  const result = matchers.toPassOracles({ ...schedule, ops: [{ op: "delay", path: 0, ms: -1 }] });
  expect(result.pass).toBe(false);
  expect(result.message()).toContain('again: replay({"seed":1');
});

test("what is no pair and no schedule is refused", () => {
  expect(() => matchers.toComeToRest(7)).toThrow("toComeToRest: expected a Pair");
  expect(() => matchers.toPassOracles(null)).toThrow("toPassOracles: expected a schedule");
});
