import type { TraceEvent } from "multihome";

// The lines of a trace have passed the schema; these give the values of their fields a type.

/** A number; 0 if it is missing or null. */
export const num = (e: TraceEvent, name: string): number => {
  const value = e[name];
  return typeof value === "number" ? value : 0;
};

/** A number; `undefined` if it is missing or null. */
export const maybe = (e: TraceEvent, name: string): number | undefined => {
  const value = e[name];
  return typeof value === "number" ? value : undefined;
};

/** A text; empty if it is missing. */
export const text = (e: TraceEvent, name: string): string => {
  const value = e[name];
  return typeof value === "string" ? value : "";
};

/** A list of texts; empty if it is missing. */
export const texts = (e: TraceEvent, name: string): readonly string[] => {
  const value = e[name];
  return Array.isArray(value) ? value.map(String) : [];
};

/** A chunk of a packet, as `packetIn` and `packetOut` tell it. */
export interface TracedChunk {
  readonly type: string;
  readonly bytes?: number;
  readonly tsn?: number;
  readonly cumTsnAck?: number;
  readonly aRwnd?: number;
  readonly gaps?: readonly (readonly number[])[];
}

/** The chunks of a packet. */
export const chunks = (e: TraceEvent): readonly TracedChunk[] => {
  const value = e["chunks"];
  return Array.isArray(value) ? value : [];
};
