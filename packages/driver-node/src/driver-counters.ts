import { type Counters, makeCounters } from "@multihome/base";

const NAMES = [
  /** UDP datagrams handed to the system. */
  "datagramsSent",
  /** UDP datagrams taken from the system. */
  "datagramsReceived",
  /** The system refused to send. */
  "sendErrors",
  /** A socket reported an error while receiving. */
  "socketErrors",
  /** Not sent, because too much waited in the socket already. */
  "sendQueueFull",
  /** Not sent, because there is no socket for our address and port. */
  "noSocket",
  /** Came from an address or port that nothing can be sent to. */
  "badSource",
  /** Dropped by the impairment that the application asked for. */
  "impaired",
  /** The list of interfaces differed from the one before. */
  "interfaceChanges",
  /** An address could not be bound although the system lists it; tried again at the next look. */
  "bindErrors",
] as const;

/** Names of what a driver counts; docs/counters.md explains each. */
export type DriverCounterName = (typeof NAMES)[number];

/** What a driver counts. */
export type DriverCounters = Counters<DriverCounterName>;

/** All at 0. */
export const driverCounters = (): DriverCounters => makeCounters(NAMES);
