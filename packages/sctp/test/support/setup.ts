import { Script, type ScriptOptions, type SentPacket } from "./scripted-peer.js";

// Steps of the set-up that several scripts take.

/** A tag of the peer that is not `PEER_TAG`. */
export const NEW_TAG = 0x1234_5678;

/** The only packet of a list. */
export const one = (packets: readonly SentPacket[]): SentPacket => {
  const [packet, ...others] = packets;
  if (packet === undefined || others.length > 0) {
    throw new Error(`expected one packet, got ${packets.map((p) => p.line).join(" / ") || "none"}`);
  }
  return packet;
};

/** An endpoint that takes associations. */
export const listening = (o: ScriptOptions = {}): Script => {
  const s = new Script(o);
  s.endpoint.listening = true;
  return s;
};

/** What an INIT is answered with. */
export const answerTo = (s: Script, init: Uint8Array, from?: string): SentPacket => {
  s.receive([init], { vtag: 0, ...(from === undefined ? {} : { from }) });
  return one(s.take());
};

/** The listening endpoint's INIT ACK to this INIT; its numbers are the script's from now on. */
export const initAckTo = (s: Script, init: Uint8Array, from?: string): SentPacket => {
  const packet = answerTo(s, init, from);
  s.readNumbers(packet);
  return packet;
};

/** We sent our INIT; its numbers are known. */
export const inCookieWait = (o: ScriptOptions = {}): { s: Script; init: SentPacket } => {
  const s = new Script(o);
  s.connect();
  const init = one(s.take());
  s.readNumbers(init);
  return { s, init };
};

/** We sent our COOKIE ECHO to a peer with `PEER_TAG`. */
export const inCookieEchoed = (o: ScriptOptions = {}): Script => {
  const { s } = inCookieWait(o);
  s.receive([s.peerInitAck()]);
  s.take();
  return s;
};
