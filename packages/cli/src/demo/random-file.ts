import { open } from "node:fs/promises";
import { SeededRandom } from "@multihome/base";
import { writeFailure } from "../file-failure.js";

const PIECE = 1 << 20;

/** Writes a file of bytes that no compression helps, the same for the same seed. */
export async function writeRandomFile(path: string, bytes: number, seed: number): Promise<void> {
  const random = new SeededRandom(seed);
  const piece = new Uint32Array(PIECE / 4);
  const handle = await open(path, "wx");
  try {
    for (let left = bytes; left > 0; left -= PIECE) {
      for (let i = 0; i < piece.length; i++) piece[i] = random.nextU32();
      await handle.write(new Uint8Array(piece.buffer, 0, Math.min(left, PIECE)));
    }
  } catch (error) {
    throw writeFailure(error, path);
  } finally {
    await handle.close();
  }
}
