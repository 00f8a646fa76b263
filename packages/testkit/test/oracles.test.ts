import { describe, expect, test } from "@jest/globals";
import type { AssociationId } from "@multihome/association";
import { HostCore, type ReceivedMessage } from "@multihome/association";
import type { Instant, PacketRef } from "@multihome/base";
import {
  ChunkType,
  chunkType,
  SCTP_HEADER_LENGTH,
  writeChunkHeader,
  writeSctpChecksum,
} from "@multihome/wire";
import {
  type Op,
  type Pair,
  replay,
  runSchedule,
  type Schedule,
  type UserOp,
} from "../src/index.js";

// Every oracle is shown to be able to fail: a run that passes is spoilt in one way, and the oracle that is
// there for it says so.

const PLAIN: Schedule = {
  seed: 5,
  topology: { delaysMs: [10, 25] },
  ops: [
    { op: "send", side: "a", bytes: 3000, count: 5, stream: 1 },
    { op: "send", side: "z", bytes: 10, count: 3 },
    { op: "advance", ms: 300 },
  ],
};

/** Runs the plain schedule with something spoilt after its operations; returns what the oracles say. */
function spoil(how: (pair: Pair) => void, more: readonly Op[] = []): readonly string[] {
  const spoiler: UserOp = (pair) => how(pair);
  const result = runSchedule(
    { ...PLAIN, ops: [...PLAIN.ops, { op: "user", name: "spoil" }, ...more] },
    { userOps: { spoil: spoiler }, maxMs: 20_000 },
  );
  return result.violations.map((v) => `${v.oracle}: ${v.detail}`);
}

test("the plain run passes, and something is delivered in it", () => {
  const result = replay(PLAIN);
  expect(result.violations).toEqual([]);
  expect(result).toMatchObject({ ok: true, accepted: 8, delivered: 8 });
});

describe("exactlyOnce objects to", () => {
  test("a message that came twice", () => {
    const found = spoil(({ z }) => {
      const first = z.received[0];
      if (first !== undefined) z.received.push(first);
    });
    expect(found[0]).toBe(
      "exactlyOnce: a's message 0 (3000 bytes, stream 1) was delivered 2 times",
    );
  });

  test("a message that was acknowledged and did not come", () => {
    expect(spoil(({ z }) => z.received.splice(2, 1))).toEqual([
      "exactlyOnce: a's message 2 (3000 bytes, stream 1) was acknowledged and never delivered",
    ]);
  });

  test("a message with other bytes, of another length, or on another stream", () => {
    for (const [change, detail] of [
      [{ intact: false }, "and other bytes"],
      [{ bytes: 2999 }, "with 2999 bytes, expected 3000"],
      [{ stream: 2 }, "on stream 2"],
    ] as const) {
      const found = spoil(({ z }) => {
        const first = z.received.shift();
        if (first !== undefined) z.received.unshift({ ...first, ...change });
      });
      expect(found[0]).toContain(detail);
    }
  });

  test("a message that was never sent", () => {
    const found = spoil(({ z }) => {
      const first = z.received[0];
      if (first !== undefined) z.received.push({ ...first, index: 99 });
    });
    expect(found[0]).toBe("exactlyOnce: z got a's message 99, which was not sent");
  });

  test("two outcomes, and outcomes of what was not accepted", () => {
    expect(
      spoil(({ a }) => {
        const first = a.sent[0];
        if (first !== undefined) first.outcomes++;
      })[0],
    ).toBe("exactlyOnce: a's message 0 (3000 bytes, stream 1) has 2 outcomes");
    expect(spoil(({ z }) => z.strayOutcomes++)[0]).toContain("never accepted");
  });

  test("a message that was abandoned, or failed as unsent, and came all the same", () => {
    for (const [outcome, detail] of [
      ["abandoned", "was abandoned and delivered"],
      ["failed", "failed as never sent and was delivered"],
    ] as const) {
      const found = spoil(({ a }) => {
        const first = a.sent[0];
        if (first !== undefined) first.outcome = outcome;
      });
      expect(found[0]).toContain(detail);
    }
  });

  test("a message without an outcome", () => {
    const found = spoil(({ a }) => {
      const first = a.sent[0];
      if (first === undefined) return;
      first.outcome = undefined;
      first.outcomes = 0;
    });
    expect(found[0]).toContain("has no outcome, and the association has ended");
  });
});

test("streamOrder objects to messages of one stream that changed places", () => {
  const found = spoil(({ z }) => {
    const [p, q] = z.received;
    if (p !== undefined && q !== undefined) z.received.splice(0, 2, q, p);
  });
  expect(found).toEqual(["streamOrder: z got message 0 of stream 1 after message 1"]);
});

describe("stayingAlive objects to", () => {
  test("an end as unreachable while a path was never harmed", () => {
    const found = spoil(
      (pair) => {
        // A user's operation may do anything, so that all paths count as harmed: not here.
        pair.harmedPaths.clear();
        pair.harmedPaths.add(0);
        for (const path of pair.net.paths) path.link.setMode("cut");
      },
      [
        { op: "send", side: "a", bytes: 1 },
        { op: "advance", ms: 200_000 },
      ],
    );
    expect(found[0]).toBe("stayingAlive: a ended as unreachable with a path that was never harmed");
  });

  test("an abort that nobody asked for, and one for a violation of the protocol", () => {
    expect(
      spoil(({ a }) => {
        if (a.id !== undefined) a.node.abort(a.id);
      })[0],
    ).toBe("stayingAlive: a aborted, and nobody had asked");
  });

  test("an end for a violation of the protocol", () => {
    class Touchy extends HostCore {
      override pollEvent(): ReturnType<HostCore["pollEvent"]> {
        const event = super.pollEvent();
        if (event?.kind !== "ended") return event;
        return { ...event, cause: { kind: "protocolViolation", detail: "planted" } };
      }
    }
    const result = runSchedule(PLAIN, { makeCore: (c) => new Touchy(c) });
    expect(result.violations).toMatchObject([
      { oracle: "stayingAlive", detail: "a called a protocol violation: planted" },
    ]);
  });
});

describe("comingToRest objects to", () => {
  test("a port that stays open", () => {
    expect(spoil(({ z }) => z.node.listen({ port: 7, udpPort: 0 }))).toEqual([
      "comingToRest: z has 1 ports open",
    ]);
  });

  test("an association that nobody closes", () => {
    const found = spoil((pair) => {
      pair.a.node.connect({
        remotes: [...pair.net.z.interfaces.flatMap((i) => i.addresses)],
        port: 5000,
        udpPort: 0,
        peerUdpPort: 0,
      });
    });
    expect(found.some((f) => f.startsWith("comingToRest: a has 1 associations"))).toBe(true);
  });

  test("an application that waits for room that is never told of", () => {
    class Forgetful extends HostCore {
      override pollEvent(): ReturnType<HostCore["pollEvent"]> {
        for (;;) {
          const event = super.pollEvent();
          if (event?.kind !== "writable") return event;
        }
      }
    }
    const result = runSchedule(
      { ...PLAIN, ops: [{ op: "send", side: "a", bytes: 5000, count: 10 }] },
      { sctp: { sendBufferBytes: 10_000 }, makeCore: (c) => new Forgetful(c), maxMs: 20_000 },
    );
    expect(result.violations.map((v) => v.detail)).toContain(
      "a has 8 messages that still wait for room in the send buffer",
    );
  });
});

describe("soundBooks objects to", () => {
  for (const change of [{ flightSize: -1 }, { flightSize: 1 }, { errorCount: -1 }]) {
    test(`a path with ${JSON.stringify(change)}`, () => {
      const found = spoil(
        ({ a }) => {
          const path = a.id === undefined ? undefined : a.node.core.paths(a.id)[0];
          // The view is live; writing to it is what a fault of the core would do.
          if (path !== undefined) Object.assign(path, change);
        },
        [
          { op: "send", side: "z", bytes: 1 },
          { op: "advance", ms: 50 },
        ],
      );
      expect(found[0]).toMatch(/^soundBooks: a/);
    });
  }
});

test("cleanWire objects to a chunk that no host of ours sends", () => {
  const UNKNOWN = 0x3f; // to be skipped without a report: RFC 9260 s3.2
  class Chatty extends HostCore {
    override pollTransmit(now: Instant, out: PacketRef): boolean {
      if (!super.pollTransmit(now, out)) return false;
      if (chunkType(out.view, out.start + SCTP_HEADER_LENGTH) !== ChunkType.sack) return true;
      writeChunkHeader(out.view, out.end, UNKNOWN, 0, 4);
      out.end += 4;
      writeSctpChecksum(out.bytes, out.view, out.start, out.end);
      return true;
    }
  }
  const result = runSchedule(PLAIN, {
    makeCore: (config, side) => (side === "a" ? new Chatty(config) : new HostCore(config)),
  });
  expect(result.violations.map((v) => `${v.oracle}: ${v.detail}`)).toEqual([
    expect.stringMatching(/^cleanWire: z counted \d+ of unknownChunk$/),
  ]);
});

test("verifiedPaths objects to DATA on a path that was not verified", () => {
  class Hasty extends HostCore {
    override paths(id: AssociationId): ReturnType<HostCore["paths"]> {
      return super.paths(id).map(
        (path) =>
          new Proxy(path, {
            get: (of, name) => (name === "stateKind" ? "unconfirmed" : Reflect.get(of, name)),
          }),
      );
    }
  }
  const result = runSchedule(PLAIN, { makeCore: (c) => new Hasty(c) });
  expect(result.violations[0]).toMatchObject({
    oracle: "verifiedPaths",
    detail: expect.stringContaining("which is not verified"),
  });
});

test("an error thrown anywhere is a violation, with its place", () => {
  const found = spoil(() => {
    throw new TypeError("planted");
  });
  expect(found[0]).toMatch(/^noThrow: TypeError: planted/);
});

test("a run that differs from the one before with the same seed is a violation", () => {
  let n = 0;
  const result = replay(
    { ...PLAIN, ops: [...PLAIN.ops, { op: "user", name: "drift" }] },
    { userOps: { drift: (pair) => pair.advance(++n) } },
  );
  expect(result.violations).toMatchObject([{ oracle: "sameSeedSameTrace" }]);
});

test("messages received in parts are put together before they are judged", () => {
  const parts: ReceivedMessage[] = [];
  class Watching extends HostCore {
    override receive(id: AssociationId): ReceivedMessage | undefined {
      const message = super.receive(id);
      if (message !== undefined && !message.end) parts.push(message);
      return message;
    }
  }
  const result = runSchedule(
    {
      seed: 1,
      topology: { delaysMs: [10, 25], receiveBufferBytes: 8192 },
      ops: [{ op: "send", side: "a", bytes: 100_000 }],
    },
    { makeCore: (c) => new Watching(c) },
  );
  expect(result.violations).toEqual([]);
  expect(parts.length).toBeGreaterThan(0);
  expect(result.pair.z.received).toMatchObject([{ bytes: 100_000, intact: true }]);
});
