import { describe, expect, test } from "@jest/globals";
import { runSchedule, type Schedule } from "../src/index.js";

// Schedules that once broke something, and what. A new one goes to the end, with what broke.
const found: Readonly<Record<string, Schedule>> = {
  "a SACK that a newer one has overtaken takes gap blocks back; the outcome was told twice": {
    seed: 0,
    topology: { delaysMs: [10, 25] },
    ops: [
      { op: "send", side: "a", bytes: 349, count: 9 },
      { op: "send", side: "a", bytes: 349 },
      { op: "send", side: "a", bytes: 1085 },
      { op: "jitter", path: 0, ms: 1 },
      { op: "advance", ms: 50 },
    ],
    duringSetup: true,
  },
  "a path that was suspected when the shutdown began stayed so": {
    seed: 0,
    topology: { delaysMs: [10, 25] },
    ops: [
      { op: "burstLoss", path: 0, percent: 1, length: 1 },
      { op: "advance", ms: 75 },
      { op: "mtu", path: 0, bytes: 1280 },
      { op: "send", side: "a", bytes: 47617, lifetimeMs: 1 },
      { op: "send", side: "a", bytes: 4553 },
      { op: "jitter", path: 0, ms: 22 },
      { op: "send", side: "a", bytes: 5809 },
      { op: "linkDown", path: 0, side: "a" },
      { op: "icmpUnreachable", path: 1, direction: "aToZ" },
    ],
    duringSetup: true,
    closedBy: "both",
  },
  "a shutdown before the other path was verified could not use it, and never ended": {
    seed: 0,
    topology: { delaysMs: [10, 25] },
    ops: [
      { op: "shutdown", side: "z" },
      { op: "linkDown", path: 0, side: "a" },
      { op: "advance", ms: 9500 },
    ],
  },
  "T5-shutdown-guard of 10 s cut off a peer that had much left to send": {
    seed: 0,
    topology: { delaysMs: [10, 25], rateKbps: 100 },
    ops: [
      { op: "send", side: "z", bytes: 1000, count: 300 },
      { op: "shutdown", side: "a" },
      { op: "advance", ms: 60000 },
    ],
  },
  "a COOKIE ACK went to the UDP port of another address, a NAT's, until the set-up failed": {
    seed: 1140260944,
    topology: { delaysMs: [10, 25], udp: true, nat: true },
    ops: [
      { op: "loss", path: 0, direction: "both", percent: 13 },
      { op: "advance", ms: 10 },
      { op: "cut", path: 0, direction: "aToZ" },
      { op: "advance", ms: 13510 },
    ],
    duringSetup: true,
  },
  "an INIT that was still under way listed an address that had come up since, and ended the association":
    {
      seed: 0,
      topology: { delaysMs: [10, 25, 40] },
      ops: [
        { op: "linkDown", path: 0, side: "a" },
        { op: "delay", path: 0, direction: "both", ms: 200 },
        { op: "restart", side: "a" },
      ],
    },
  "a peer in SHUTDOWN-RECEIVED was told of no window and sent one message in two seconds": {
    seed: 0,
    topology: { delaysMs: [10, 25], receiveBufferBytes: 8192 },
    ops: [
      { op: "slowReading", side: "a", everyMs: 1 },
      { op: "send", side: "z", bytes: 481, count: 15, stream: 0, unordered: false },
      { op: "advance", ms: 20 },
      { op: "shutdown", side: "a" },
      { op: "linkDown", path: 0, side: "a" },
      { op: "send", side: "z", bytes: 1, count: 28, stream: 0, unordered: false },
      { op: "advance", ms: 1 },
      { op: "send", side: "z", bytes: 1 },
      { op: "send", side: "z", bytes: 4424 },
      { op: "duplicate", path: 1, direction: "both", percent: 43 },
    ],
    closedBy: "z",
  },
  "HEARTBEATs of a peer that had not got the SHUTDOWN kept it from being sent again": {
    seed: 0,
    topology: { delaysMs: [100, 10, 10] },
    ops: [
      { op: "shutdown", side: "a" },
      { op: "cut", path: 0, direction: "aToZ" },
    ],
  },
  "an association whose peer started anew behind another port of a NAT was not waited for": {
    seed: 27,
    topology: { delaysMs: [10, 25], udp: true, nat: true },
    ops: [
      { op: "linkDown", path: 1, side: "z" },
      { op: "restart", side: "a" },
      { op: "flap", path: 1, times: 1, everyMs: 14 },
      { op: "natRebind", path: 0 },
      { op: "restart", side: "a" },
    ],
  },
  "an ABORT of who gave up during set-up and then started anew was taken for nobody's": {
    seed: 0,
    topology: { delaysMs: [10, 25] },
    ops: [
      { op: "advance", ms: 23 },
      { op: "shutdown", side: "a" },
      { op: "advance", ms: 13 },
      { op: "linkDown", path: 0, side: "z" },
      { op: "linkDown", path: 1, side: "z" },
      { op: "restart", side: "a" },
    ],
    duringSetup: true,
  },
};

describe("schedules that once failed", () => {
  for (const [name, schedule] of Object.entries(found)) {
    test(name, () => {
      expect(runSchedule(schedule).violations).toEqual([]);
    });
  }
});
