// CRC32c in plain TypeScript beside the native accelerator, at the sizes that packets have.
import { loadCrc32c } from "@multihome/crc32c-native";
import { crc32cPlain } from "@multihome/wire";
import { do_not_optimize } from "mitata";
import { compare } from "./measure.mjs";

const SIZES = {
  40: "a SACK",
  96: "where crc32c() changes over",
  1228: "1,200 bytes of data",
  1452: "a full packet",
};
/** Each call at another offset, as packets in a slab lie. */
const OFFSETS = 64;
const STEP = 2051;

const bytes = new Uint8Array(OFFSETS * STEP + 2048);
for (let i = 0; i < bytes.length; i++) bytes[i] = i * 31;
const body = (crc32c, size) => () => {
  let sum = 0;
  for (let i = 0; i < OFFSETS; i++) sum ^= crc32c(bytes, i * STEP, i * STEP + size);
  do_not_optimize(sum);
};

const load = loadCrc32c();
if (!load.ok) console.error(`CRC32c in TypeScript only: ${load.reason}`);

const groups = [];
for (const [size, what] of Object.entries(SIZES)) {
  groups.push(
    await compare(`CRC32c of ${size} bytes (${what})`, OFFSETS, {
      "plain TypeScript": body(crc32cPlain, Number(size)),
      ...(load.ok && {
        [`native (${load.native.implementation})`]: body(load.native.crc32c, Number(size)),
      }),
    }),
  );
}
console.log(JSON.stringify({ groups }));
