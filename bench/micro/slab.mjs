// What a packet costs to look at: as offsets into a slab, or as an object of its own.
import { PacketRef, Slab } from "@multihome/base";
import { do_not_optimize } from "mitata";
import { compare } from "./measure.mjs";

const SLOTS = 256;
const SLOT_BYTES = 2048;
const HEADROOM = 64;

const slab = new Slab(SLOTS, SLOT_BYTES);
const { bytes, view } = slab;
for (let i = 0; i < bytes.length; i++) bytes[i] = i * 31;

/** The 8 bytes of a UDP header, read in each way. */
const read = (v, at) =>
  v.getUint16(at) + v.getUint16(at + 2) + v.getUint16(at + 4) + v.getUint16(at + 6);

class HeaderObject {
  constructor(buffer, at) {
    const own = new DataView(buffer.buffer, buffer.byteOffset + at, 8);
    this.source = own.getUint16(0);
    this.destination = own.getUint16(2);
    this.length = own.getUint16(4);
    this.checksum = own.getUint16(6);
    this.payload = buffer.subarray(at + 8, at + 1200);
  }
}

const reused = { source: 0, destination: 0, length: 0, checksum: 0 };
const ref = PacketRef.over(slab);

const groups = [
  await compare("read the 8-byte header of a packet", SLOTS, {
    "offsets, one shared view": () => {
      let sum = 0;
      for (let slot = 0; slot < SLOTS; slot++) sum += read(view, slot * SLOT_BYTES + HEADROOM);
      do_not_optimize(sum);
    },
    "PacketRef placed on each slot": () => {
      let sum = 0;
      for (let slot = 0; slot < SLOTS; slot++) {
        ref.place(slab, slot, HEADROOM);
        sum += read(ref.view, ref.start);
      }
      do_not_optimize(sum);
    },
    "one object, filled again": () => {
      let sum = 0;
      for (let slot = 0; slot < SLOTS; slot++) {
        const at = slot * SLOT_BYTES + HEADROOM;
        reused.source = view.getUint16(at);
        reused.destination = view.getUint16(at + 2);
        reused.length = view.getUint16(at + 4);
        reused.checksum = view.getUint16(at + 6);
        sum += reused.source + reused.destination + reused.length + reused.checksum;
      }
      do_not_optimize(sum);
    },
    "a fresh object with subarray and DataView": () => {
      let sum = 0;
      for (let slot = 0; slot < SLOTS; slot++) {
        const header = new HeaderObject(bytes, slot * SLOT_BYTES + HEADROOM);
        sum += header.source + header.destination + header.length + header.checksum;
        do_not_optimize(header);
      }
      do_not_optimize(sum);
    },
  }),
];
console.log(JSON.stringify({ groups }));
