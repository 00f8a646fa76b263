import { describe, expect, test } from "@jest/globals";
import { EPOCH, micros, millis } from "@multihome/base";
import { HyStart } from "./hystart.js";
import { SctpNewReno } from "./sctp-new-reno.js";

/** One round of `samples` acknowledgements, each with this round trip. Returns the next round's first key. */
function round(h: HyStart, first: number, samples: number, rttMs: number): number {
  for (let i = 0; i < samples; i++) {
    h.onSample(millis(rttMs), (first + i) >>> 0, (first + samples + i) >>> 0);
  }
  return (first + samples) >>> 0;
}

describe("HyStart++ (RFC 9406 s4.2)", () => {
  test("a round whose least round trip is an eighth above that of the last begins CSS, after 8 samples", () => {
    const h = new HyStart();
    let key = round(h, 0, 10, 80);
    key = round(h, key, 10, 80);
    for (let i = 0; i < 8; i++) {
      expect(h.phase).toBe("slowStart");
      h.onSample(millis(90), key + i, key + 10 + i);
    }
    expect(h.phase).toBe("conservative");
  });

  test.each([
    [8, 11.9, "slowStart"], // never less than 4 ms
    [8, 12, "conservative"],
    [400, 415.9, "slowStart"], // never more than 16 ms
    [400, 416, "conservative"],
  ])("from %d ms to %d ms: %s", (before, after, phase) => {
    const h = new HyStart();
    let key = round(h, 0, 10, before);
    key = round(h, key, 10, before);
    round(h, key, 10, after);
    expect(h.phase).toBe(phase);
  });

  test("one short round trip in the round is enough to stay: the rest is a burst in a queue", () => {
    const h = new HyStart();
    const key = round(h, 0, 10, 80);
    for (let i = 0; i < 20; i++) h.onSample(millis(i === 0 ? 80 : 200), key + i, key + 20 + i);
    expect(h.phase).toBe("slowStart");
  });

  test("CSS ends after five rounds; the one in which it began counts", () => {
    const h = new HyStart();
    let key = round(h, 0, 10, 80);
    key = round(h, key, 10, 80);
    for (let i = 0; i < 5; i++) {
      key = round(h, key, 10, 100);
      expect(h.phase).toBe("conservative");
    }
    round(h, key, 1, 100);
    expect(h.phase).toBe("over");
  });

  test("a shorter round trip than the one that began CSS takes back to slow start", () => {
    const h = new HyStart();
    let key = round(h, 0, 10, 80);
    key = round(h, key, 10, 80);
    key = round(h, key, 10, 100);
    for (let i = 0; i < 8; i++) {
      expect(h.phase).toBe("conservative");
      h.onSample(millis(99), key + i, key + 10 + i);
    }
    expect(h.phase).toBe("slowStart");
  });

  test("keys may wrap", () => {
    const h = new HyStart();
    let key = round(h, 0xffff_fff8, 10, 80);
    key = round(h, key, 10, 80);
    round(h, key, 10, 100);
    expect(h.phase).toBe("conservative");
  });
});

describe("a controller with HyStart++", () => {
  const P = 1000;
  const inCss = (): SctpNewReno => {
    const cc = new SctpNewReno({ pmdcs: P, hystart: true, slowStartLimit: 8 });
    for (let i = 0; i < 20; i++) cc.onRoundTrip(millis(80), i, i + 10);
    for (let i = 20; i < 40; i++) cc.onRoundTrip(millis(100), i, i + 10);
    return cc;
  };

  test("grows a quarter as fast in CSS, and sets ssthresh to cwnd at its end", () => {
    const cc = inCss();
    const before = cc.cwnd;
    cc.onAck(EPOCH, 8 * P, true, before, true);
    expect(cc.cwnd).toBe(before + 2 * P);
    for (let i = 40; i < 100; i++) cc.onRoundTrip(millis(100), i, i + 10);
    expect(cc.ssthresh).toBe(cc.cwnd);
  });

  test("grows as before once there was loss: HyStart++ is for the first slow start (RFC 9406 s4.3)", () => {
    const cc = inCss();
    cc.onFastRetransmit(EPOCH);
    cc.exitFastRecovery(EPOCH);
    const { cwnd } = cc;
    cc.onAck(EPOCH, P, true, cwnd, true);
    expect(cc.cwnd).toBe(cwnd + P);
    for (let i = 40; i < 140; i++) cc.onRoundTrip(micros(300_000), i, i + 10);
    expect(cc.ssthresh).toBeLessThan(cc.cwnd);
  });

  test("without the option the round trip means nothing", () => {
    const cc = new SctpNewReno({ pmdcs: P });
    for (let i = 0; i < 200; i++) cc.onRoundTrip(millis(i), i, i + 10);
    expect(cc.snapshot().phase).toBe("slowStart");
    expect(cc.ssthresh).toBe(0xffff_ffff);
  });
});
