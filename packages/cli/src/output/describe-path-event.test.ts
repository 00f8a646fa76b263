import { expect, test } from "@jest/globals";
import type { PathEvent } from "multihome";
import { describePathEvent } from "./describe-path-event.js";

const wifi = { id: 1, local: "10.0.0.2", remote: "10.0.1.2" };
const cellular = { id: 2, local: "10.1.0.2", remote: "10.1.1.2" };
const atMs = 0;

test.each<[PathEvent, string | undefined]>([
  [{ kind: "added", atMs, path: wifi }, undefined],
  [{ kind: "confirmed", atMs, path: wifi, rttMs: 20.1 }, "up, round trip 20.1 ms"],
  [
    { kind: "potentiallyFailed", atMs, path: wifi, cause: "tailLossProbe" },
    "does not answer (tailLossProbe)",
  ],
  [
    { kind: "inactive", atMs, path: wifi, cause: "heartbeatTimeout" },
    "taken for dead (heartbeatTimeout)",
  ],
  [{ kind: "recovered", atMs, path: wifi }, "answers again"],
  [
    { kind: "switched", atMs, from: cellular, to: wifi, cause: "tailLossProbe", stallMs: 61 },
    "takes over from 10.1.0.2 → 10.1.1.2: tailLossProbe, 61.0 ms stall",
  ],
  [
    { kind: "switched", atMs, from: cellular, to: wifi, cause: "switchback", stallMs: 0 },
    "takes over from 10.1.0.2 → 10.1.1.2: switchback",
  ],
  [{ kind: "removed", atMs, path: wifi, cause: "addressRemoved" }, "gone (addressRemoved)"],
  [{ kind: "removed", atMs, path: wifi, cause: "associationEnded" }, undefined],
])("%j reads %j", (event, text) => {
  const line = describePathEvent(event);
  expect(line?.text).toBe(text);
  if (line !== undefined) expect(line.who).toBe("10.0.0.2 → 10.0.1.2");
});
