import type { PathEvent, PathInfo } from "multihome";
import type { PathReport, Switchover } from "../path-log.js";
import type { TraceOptions } from "../trace/trace-output.js";
import type { FileEnd } from "../transfer/file-protocol.js";
import type { DemoPath } from "./demo-paths.js";
import type { Gap } from "./gap-meter.js";

// What the three processes of the demonstration tell each other. Times are milliseconds since 1970,
// with fractions, so that they can be compared between processes.

/** What a child is to do; its first argument, as JSON. */
export type ChildTask = TraceOptions & DemoRole;

type DemoRole =
  | {
      readonly role: "receiver";
      readonly paths: readonly DemoPath[];
      /** Where to store the file. */
      readonly file: string;
    }
  | {
      readonly role: "sender";
      readonly paths: readonly DemoPath[];
      /** What to send. */
      readonly file: string;
      /** The receiver's addresses with port. */
      readonly to: readonly string[];
    };

/** What a child tells. */
export type ChildMessage =
  /** The receiver listens there. */
  | { readonly kind: "ready"; readonly addresses: readonly string[] }
  /** The sender's association is up. */
  | { readonly kind: "connected"; readonly atMs: number }
  | { readonly kind: "path"; readonly atMs: number; readonly event: PathEvent }
  /** The sender's paths, several times a second. */
  | {
      readonly kind: "paths";
      readonly atMs: number;
      readonly paths: readonly Pick<
        PathInfo,
        "local" | "remote" | "state" | "current" | "suspected" | "bytesSent"
      >[];
    }
  /** What the receiver has stored, several times a second. */
  | { readonly kind: "stored"; readonly atMs: number; readonly bytes: number }
  | {
      readonly kind: "sent";
      readonly end: FileEnd;
      readonly paths: readonly PathReport[];
      readonly switchovers: readonly Switchover[];
    }
  | {
      readonly kind: "received";
      readonly atMs: number;
      readonly end: FileEnd;
      readonly gaps: readonly Gap[];
    }
  | { readonly kind: "failed"; readonly code: string; readonly message: string };

/** What the parent tells its children. */
export type ParentMessage =
  | { readonly kind: "cut" | "heal"; readonly path: DemoPath["name"] }
  | { readonly kind: "stop" };

const hasKind = (value: unknown, kinds: readonly string[]): boolean =>
  typeof value === "object" &&
  value !== null &&
  "kind" in value &&
  typeof value.kind === "string" &&
  kinds.includes(value.kind);

const CHILD_KINDS = ["ready", "connected", "path", "paths", "stored", "sent", "received", "failed"];

/** True for what a child of this version sends; who sends it is us. */
export const isChildMessage = (value: unknown): value is ChildMessage =>
  hasKind(value, CHILD_KINDS);

/** True for what the parent sends. */
export const isParentMessage = (value: unknown): value is ParentMessage =>
  hasKind(value, ["cut", "heal", "stop"]);

/** The clock that all three agree on. */
export const wallClockMs = (): number => performance.timeOrigin + performance.now();
