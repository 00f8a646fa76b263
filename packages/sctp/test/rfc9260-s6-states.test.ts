import { describe, expect, test } from "@jest/globals";
import { ChunkType } from "@multihome/wire";
import * as chunk from "./support/chunks.js";
import { chunksOf, cookieOf, PEER_TSN, Script } from "./support/scripted-peer.js";

// RFC 9260 s6: which chunks are sent and taken in which state, state by state.

const STATES = [
  "cookieWait",
  "cookieEchoed",
  "established",
  "shutdownPending",
  "shutdownSent",
  "shutdownReceived",
  "shutdownAckSent",
] as const;
type State = (typeof STATES)[number];

const send = (s: Script): boolean => {
  const { ok } = s.endpoint.send(s.now, s.id, new Uint8Array(4));
  s.drain();
  return ok;
};

/** An association in this state, with one chunk outstanding where there may be one; all that was sent is taken. */
const inState = (state: State): Script => {
  const s = new Script({ sctp: { hbIntervalMs: 3_600_000 } });
  if (state === "cookieWait" || state === "cookieEchoed") {
    s.connect();
    const [init] = s.take();
    if (init === undefined) throw new Error("no INIT");
    s.readNumbers(init);
    if (state === "cookieEchoed") s.receive([s.peerInitAck()]);
  } else {
    s.openFromPeer();
    if (state !== "shutdownSent" && state !== "shutdownAckSent") send(s);
    if (state === "shutdownPending" || state === "shutdownSent") {
      s.endpoint.shutdown(s.now, s.id);
    } else if (state !== "established") s.receive([chunk.shutdown(s.tsn - 1)]);
  }
  s.take();
  s.takeEvents();
  expect(s.endpoint.status(s.id)?.state).toBe(state);
  return s;
};

const dataChunks = (s: Script): number =>
  s
    .take()
    .flatMap((p) => chunksOf(p))
    .filter((c) => c.type === ChunkType.data).length;

describe("RFC 9260 s6: sending DATA", () => {
  test.each(STATES)("new DATA in %s", (state) => {
    const s = inState(state);
    const accepted = send(s);
    // What is accepted before the association is up waits for it.
    expect(accepted).toBe(["cookieWait", "cookieEchoed", "established"].includes(state));
    expect(dataChunks(s)).toBe(state === "established" ? 1 : 0);
  });

  test.each(["established", "shutdownPending", "shutdownReceived"] as const)(
    "DATA again in %s",
    (state) => {
      const s = inState(state);
      s.advance(1000);
      expect(dataChunks(s)).toBe(1);
    },
  );
});

describe("RFC 9260 s6: receiving DATA", () => {
  test.each(STATES)("DATA that comes in %s", (state) => {
    const s = inState(state);
    const taken = ["established", "shutdownPending", "shutdownSent"].includes(state);
    s.receive([chunk.data(PEER_TSN), chunk.data(PEER_TSN + 1, { ssn: 1 })]);
    const lines = s.lines();
    expect(lines.filter((l) => l.includes(`SACK cum=${PEER_TSN + 1}`))).toHaveLength(taken ? 1 : 0);
    if (!taken) expect(lines).toEqual([]); // discarded in silence
    expect(s.takeEvents().includes("readable")).toBe(taken);
    expect(s.endpoint.receive(s.id) !== undefined).toBe(taken);
    expect(s.endpoint.status(s.id)?.state).toBe(state);
  });

  test("DATA that comes in CLOSED is out of the blue (s8.4)", () => {
    const s = inState("established");
    s.endpoint.abort(s.now, s.id);
    s.take();
    s.receive([chunk.data(PEER_TSN)]);
    const [p, ...more] = s.take();
    expect([p?.line, p?.vtag, more]).toEqual([expect.stringMatching(/^ABORT/), s.tag, []]);
  });

  test("bundled with the COOKIE ECHO it is taken", () => {
    const s = new Script();
    s.endpoint.listening = true;
    s.receive([s.peerInit()], { vtag: 0 });
    const [initAck] = s.take();
    if (initAck === undefined) throw new Error("no INIT ACK");
    s.readNumbers(initAck);
    s.receive([chunk.cookieEcho(cookieOf(initAck)), chunk.data(PEER_TSN)]);
    expect(s.lines()).toEqual([expect.stringMatching(/^COOKIE ACK .*SACK cum=1000 rwnd=4194300$/)]);
    expect(s.endpoint.receive(s.id)?.data).toEqual(Uint8Array.of(1, 2, 3, 4));
  });
});

describe("RFC 9260 s6: receiving SACK", () => {
  test.each(["established", "shutdownPending", "shutdownReceived"] as const)(
    "SACK in %s is processed",
    (state) => {
      const s = inState(state);
      s.receive([chunk.sack(s.tsn)]);
      expect(s.takeEvents()).toContain("message");
      expect(s.lines()).toEqual(
        {
          established: [],
          shutdownPending: [`SHUTDOWN cum=${PEER_TSN - 1}`],
          shutdownReceived: ["SHUTDOWN ACK"],
        }[state],
      );
    },
  );

  test.each(["cookieWait", "cookieEchoed", "shutdownSent", "shutdownAckSent"] as const)(
    "SACK in %s is discarded, even one that would be a protocol violation",
    (state) => {
      const s = inState(state);
      s.receive([chunk.sack(s.tsn + 50, { aRwnd: 1 })]);
      expect(s.lines()).toEqual([]);
      expect(s.takeEvents()).toEqual([]);
      expect(s.endpoint.status(s.id)?.state).toBe(state);
      expect(s.endpoint.counters.unexpectedChunk).toBe(1);
    },
  );

  test("SACK in CLOSED is out of the blue (s8.4)", () => {
    const s = inState("established");
    s.endpoint.abort(s.now, s.id);
    s.take();
    s.receive([chunk.sack(s.tsn)]);
    expect(s.take().map((p) => [chunksOf(p).map((c) => [c.type, c.flags]), p.vtag])).toEqual([
      [[[ChunkType.abort, 1]], s.tag],
    ]);
  });
});

describe("RFC 9260 s9.2: requests of the application while it shuts down", () => {
  test.each(["shutdownPending", "shutdownSent", "shutdownReceived", "shutdownAckSent"] as const)(
    "%s: no new data; another SHUTDOWN request is ignored",
    (state) => {
      const s = inState(state);
      expect(s.endpoint.send(s.now, s.id, new Uint8Array(4))).toEqual({
        ok: false,
        code: "notOpen",
      });
      s.endpoint.shutdown(s.now, s.id);
      expect(s.lines()).toEqual([]);
      expect(s.endpoint.status(s.id)?.state).toBe(state);
    },
  );
});
