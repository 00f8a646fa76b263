export type { DriverCounterName, DriverCounters } from "./driver-counters.js";
export type { DriverListener, HostDriver, PortBinding } from "./host-driver.js";
export { type ImpairedEnds, Impairment, type PathEffect } from "./impairment.js";
export type { InterfaceRules } from "./interface-rules.js";
export { NodeDriver, type NodeDriverOptions } from "./node-driver.js";
export type { SystemInterfaces } from "./read-interfaces.js";
export { TraceFile } from "./trace-file.js";
