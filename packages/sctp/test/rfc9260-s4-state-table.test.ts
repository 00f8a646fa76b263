import { describe, expect, test } from "@jest/globals";
import { ChunkType } from "@multihome/wire";
import * as chunk from "./support/chunks.js";
import { PEER_TSN, Script } from "./support/scripted-peer.js";

// Every chunk in every state of RFC 9260 s4: what is answered, which state follows, what the application hears.
// In ESTABLISHED, SHUTDOWN-PENDING and SHUTDOWN-RECEIVED one DATA chunk of ours is outstanding.

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
    if (state !== "shutdownSent" && state !== "shutdownAckSent") {
      s.endpoint.send(s.now, s.id, new Uint8Array(4));
      s.drain();
    }
    if (state === "shutdownPending" || state === "shutdownSent") {
      s.endpoint.shutdown(s.now, s.id);
    } else if (state !== "established") s.receive([chunk.shutdown(s.tsn - 1)]);
  }
  s.take();
  s.takeEvents();
  expect(s.endpoint.status(s.id)?.state).toBe(state);
  return s;
};

const outstanding = (s: Script): boolean => (s.endpoint.status(s.id)?.outstandingBytes ?? 0) > 0;
/** The TSN that acknowledges all. */
const all = (s: Script): number => (outstanding(s) ? s.tsn : s.tsn - 1);

/** What follows: chunks sent, `> state` if it changes, events in brackets. */
type Row = readonly [string, (s: Script) => Uint8Array, Partial<Record<State, unknown>>];

const ABORTED = "> closed [message path:removed ended]";
const ENDED = "> closed [path:removed ended]";
const HEARTBEAT_ACK = "HEARTBEAT ACK";
const SHUTDOWN_ACK = "SHUTDOWN ACK";
const TAKEN = `SACK cum=${PEER_TSN} [readable]`;
const TOLD = "[peerError]";

/** A state that is not named discards the chunk in silence. */
const TABLE: readonly Row[] = [
  [
    "DATA",
    () => chunk.data(PEER_TSN),
    {
      established: TAKEN,
      shutdownPending: TAKEN,
      shutdownSent: `SHUTDOWN cum=${PEER_TSN} + ${TAKEN}`,
    },
  ],
  [
    "SACK of all",
    (s) => chunk.sack(all(s)),
    {
      established: "[message]",
      shutdownPending: `SHUTDOWN cum=${PEER_TSN - 1} > shutdownSent [message]`,
      shutdownReceived: `${SHUTDOWN_ACK} > shutdownAckSent [message]`,
    },
  ],
  [
    "HEARTBEAT",
    () => chunk.heartbeat(Uint8Array.of(1, 2, 3, 4)),
    {
      cookieEchoed: HEARTBEAT_ACK,
      established: HEARTBEAT_ACK,
      shutdownPending: HEARTBEAT_ACK,
      shutdownSent: HEARTBEAT_ACK,
      shutdownReceived: HEARTBEAT_ACK,
      shutdownAckSent: HEARTBEAT_ACK,
    },
  ],
  [
    "HEARTBEAT ACK of no HEARTBEAT",
    () => chunk.around(ChunkType.heartbeatAck, 0, new Uint8Array(28)),
    {},
  ],
  [
    "SHUTDOWN that acknowledges nothing new",
    (s) => chunk.shutdown(s.tsn - 1),
    {
      established: "> shutdownReceived [peerShutdown]",
      shutdownPending: "> shutdownReceived [peerShutdown]",
      shutdownSent: `${SHUTDOWN_ACK} > shutdownAckSent`,
      shutdownAckSent: SHUTDOWN_ACK,
    },
  ],
  [
    "SHUTDOWN that acknowledges all",
    (s) => chunk.shutdown(all(s)),
    {
      established: `${SHUTDOWN_ACK} > shutdownAckSent [message peerShutdown]`,
      shutdownPending: `${SHUTDOWN_ACK} > shutdownAckSent [message peerShutdown]`,
      shutdownSent: `${SHUTDOWN_ACK} > shutdownAckSent`,
      shutdownReceived: `${SHUTDOWN_ACK} > shutdownAckSent [message]`,
      shutdownAckSent: SHUTDOWN_ACK,
    },
  ],
  [
    "SHUTDOWN ACK",
    () => chunk.bare(ChunkType.shutdownAck),
    {
      cookieWait: "SHUTDOWN COMPLETE T",
      cookieEchoed: "SHUTDOWN COMPLETE T",
      shutdownSent: `SHUTDOWN COMPLETE ${ENDED}`,
      shutdownAckSent: `SHUTDOWN COMPLETE ${ENDED}`,
    },
  ],
  ["SHUTDOWN COMPLETE", () => chunk.bare(ChunkType.shutdownComplete), { shutdownAckSent: ENDED }],
  [
    "ABORT",
    () => chunk.abort(),
    {
      cookieWait: ENDED,
      cookieEchoed: ENDED,
      established: ABORTED,
      shutdownPending: ABORTED,
      shutdownSent: ENDED,
      shutdownReceived: ABORTED,
      shutdownAckSent: ENDED,
    },
  ],
  [
    "COOKIE ACK",
    () => chunk.bare(ChunkType.cookieAck),
    { cookieEchoed: "> established [up path:confirmed]" },
  ],
  ["COOKIE ECHO that is forged", () => chunk.cookieEcho(new Uint8Array(60)), {}],
  ["INIT ACK", (s) => s.peerInitAck(), { cookieWait: "COOKIE ECHO cookie=4 > cookieEchoed" }],
  [
    "ERROR",
    () => chunk.error(chunk.cause(6)),
    {
      established: TOLD,
      shutdownPending: TOLD,
      shutdownSent: TOLD,
      shutdownReceived: TOLD,
      shutdownAckSent: TOLD,
    },
  ],
  [
    "ERROR with Stale Cookie",
    () => chunk.error(chunk.cause(3, new Uint8Array(4))),
    { cookieEchoed: expect.stringMatching(/^INIT .* > cookieWait$/) },
  ],
  ["ECNE", () => chunk.around(ChunkType.ecne, 0, new Uint8Array(4)), {}],
  ["CWR", () => chunk.around(ChunkType.cwr, 0, new Uint8Array(4)), {}],
];

describe.each(TABLE)("RFC 9260 s4, %s", (_, make, outcomes) => {
  test.each(STATES)("in %s", (state) => {
    const s = inState(state);
    s.receive([make(s)]);
    const sent = s
      .lines()
      .map((l) => l.replace(/ rwnd=\d+| info=\d+/g, "").replaceAll(" | ", " + "));
    const now = s.endpoint.status(s.id)?.state ?? "closed";
    const events = s.takeEvents();
    const told = [
      ...sent,
      ...(now === state ? [] : [`> ${now}`]),
      ...(events.length > 0 ? [`[${events.join(" ")}]`] : []),
    ].join(" ");
    expect(told).toEqual(outcomes[state] ?? "");
    // what was discarded brings nothing later either, and hurts nothing
    if (outcomes[state] !== undefined) return;
    const timers = inState(state).advanceToNextPacket();
    expect(s.advanceToNextPacket()).toBe(timers);
  });
});
