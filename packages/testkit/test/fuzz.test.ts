import { describe, expect, jest, test } from "@jest/globals";
import { SctpEndpoint, type SctpInput } from "@multihome/sctp";
import { FUZZ_STATES, runFuzzCase, SctpFuzzer, shrinkFuzzCase } from "../src/index.js";

// The long run is `npm run fuzz -- --count 5000000`; its figures are in docs/security.md.

describe("an endpoint under attack", () => {
  test("30,000 forged packets in every state: nothing throws, hangs, grows or harms who is not known", () => {
    const fuzzer = new SctpFuzzer({ seed: 9260 });
    while (fuzzer.packets < 30_000) fuzzer.step();
    expect(fuzzer.failures).toEqual([]);
    for (const state of FUZZ_STATES) {
      expect(fuzzer.packetsByState.get(state)).toBeGreaterThan(2400);
    }
    expect(fuzzer.mostAnswers).toBeLessThanOrEqual(48);
    // it gets deep enough: what only happens within an association has happened
    for (const name of [
      "dataDuplicate",
      "dataNoWindow",
      "reneged",
      "unverifiedSource",
      "icmpAccepted",
    ]) {
      expect([name, fuzzer.counters.get(name)]).not.toEqual([name, 0]);
    }
  });

  test("the same seed makes the same run", () => {
    const run = (): unknown => {
      const fuzzer = new SctpFuzzer({ seed: 3 });
      for (let i = 0; i < 30; i++) fuzzer.step();
      return [fuzzer.packets, fuzzer.answers, [...fuzzer.counters]];
    };
    expect(run()).toEqual(run());
  });

  test("cases that reach new code are kept and changed", () => {
    let asked = 0;
    const fuzzer = new SctpFuzzer({ seed: 3, newCoverage: () => (++asked % 5 === 0 ? 1 : 0) });
    for (let i = 0; i < 20; i++) fuzzer.step();
    expect(fuzzer.corpusSize).toBe(4);
  });
});

describe("a fault that was planted", () => {
  const { handle } = SctpEndpoint.prototype;
  /** Breaks the endpoint under attack for packets that `matches`. */
  const plant = (matches: (bytes: Uint8Array) => boolean, fault: () => void): void => {
    jest.spyOn(SctpEndpoint.prototype, "handle").mockImplementation(function (
      this: SctpEndpoint,
      now,
      input: SctpInput,
    ) {
      handle.call(this, now, input);
      if (this.port !== 5000 || input.kind !== "packet") return;
      if (matches(input.packet.bytes.subarray(input.packet.start, input.packet.end))) fault();
    });
  };
  const isUnknown = (bytes: Uint8Array): boolean => (bytes[12] ?? 0) >= 0xf0;

  test("an exception is found, cut down to the move that matters, and found again in the replay", () => {
    plant(isUnknown, () => {
      throw new RangeError("planted");
    });
    try {
      const fuzzer = new SctpFuzzer({ seed: 1 });
      while (fuzzer.failures.length === 0) fuzzer.step();
      const [failure] = fuzzer.failures;
      if (failure === undefined) throw new Error("no failure");
      expect(failure.finding).toContain("planted");
      const small = shrinkFuzzCase(failure.case);
      expect(small.moves).toHaveLength(1);
      expect(runFuzzCase(JSON.parse(JSON.stringify(small))).finding).toContain("planted");
    } finally {
      jest.restoreAllMocks();
    }
    expect(new SctpFuzzer({ seed: 1 }).step().finding).toBeUndefined();
  });

  test("harm to the bystander is found", () => {
    const endpoints = new Set<SctpEndpoint>();
    jest.spyOn(SctpEndpoint.prototype, "handle").mockImplementation(function (
      this: SctpEndpoint,
      now,
      input: SctpInput,
    ) {
      // Packets of the bystander's are swallowed once a stranger has sent a chunk of an unknown type.
      if (this.port === 5000 && input.kind === "packet") {
        const { view, start, bytes, end } = input.packet;
        if (isUnknown(bytes.subarray(start, end))) endpoints.add(this);
        const fromBystander = end - start >= 12 && view.getUint16(start) === 6001;
        if (endpoints.has(this) && fromBystander) return;
      }
      handle.call(this, now, input);
    });
    try {
      const fuzzer = new SctpFuzzer({ seed: 2 });
      for (let i = 0; i < 12; i++) fuzzer.step();
      expect(fuzzer.failures.map((f) => f.finding).join()).toContain("the bystander");
    } finally {
      jest.restoreAllMocks();
    }
  });
});
