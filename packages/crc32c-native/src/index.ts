export { type Crc32cLoad, loadCrc32c } from "./load-crc32c.js";
export type { NativeCrc32c } from "./native-crc32c.js";
