// The layers, lowest first: what each package may import from its siblings in `packages/`. A package
// that is not here fails the layer check, so a new one is placed by decision (docs/decisions/).

/** Core packages, lowest first. Each may import those before it. */
const CORE = ["base", "wire", "congestion", "paths", "sctp", "association"];

/** Folder name -> the sibling packages that its sources may import. */
export const MAY_IMPORT = {
  ...Object.fromEntries(CORE.map((name, i) => [name, CORE.slice(0, i)])),
  netsim: ["base", "wire"],
  testkit: [...CORE, "netsim"],
  "crc32c-native": [],
  "driver-node": [...CORE, "crc32c-native"],
  multihome: [...CORE, "driver-node"],
  cli: [...CORE, "netsim", "testkit", "crc32c-native", "driver-node", "multihome"],
};

/** Tests of any package may also use these; they are test equipment, and no source imports a test. */
export const TEST_EQUIPMENT = ["netsim", "testkit"];

/** Packages whose sources are a pure function of their inputs: no clock, chance, `async` or I/O. */
export const PURE = [...CORE, "netsim", "testkit"];

/** The outside packages that pure packages may import, and who may. */
export const PURE_MAY_USE = {
  "ipaddr.js": ["base"],
  "@noble/hashes": ["sctp"],
  "fast-check": ["testkit"],
};

/** Paths of tests, as a regular expression source. */
export const TEST_FILES = "(\\.test\\.ts$|^packages/[^/]+/test/)";
