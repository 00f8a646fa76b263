import { fc, test } from "@fast-check/jest";
import { expect } from "@jest/globals";
import { EPOCH, instantAdd, micros } from "@multihome/base";
import { PacketPipe } from "./packet-pipe.js";
import { PacketPool } from "./packet-pool.js";
import type { SimPacket } from "./sim-packet.js";

const at = (us: number) => instantAdd(EPOCH, micros(us));

test.prop([fc.array(fc.option(fc.nat({ max: 20 }), { nil: undefined }), { maxLength: 200 })])(
  "packets come out by time of arrival, equal ones in the order they went in",
  (commands) => {
    const pool = new PacketPool(1000, false);
    const pipe = new PacketPipe();
    const model: SimPacket[] = [];
    let seq = 0;
    for (const us of commands) {
      if (us === undefined) {
        model.sort((a, b) => a.at - b.at || a.seq - b.seq);
        expect(pipe.peek()).toBe(model[0]);
        expect(pipe.shift()).toBe(model.shift());
      } else {
        const packet = pool.take(0);
        pipe.push(packet, at(us), ++seq);
        model.push(packet);
      }
      expect(pipe.length).toBe(model.length);
    }
  },
);
