import { access, constants, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Writable } from "node:stream";
import { CommandError } from "../command-error.js";
import { EXIT } from "../exit-status.js";
import { writeFailure } from "../file-failure.js";
import { STDOUT_NAME } from "../output/print-transfer.js";
import type { Offer } from "./file-protocol.js";
import { type OutputFile, openOutputFile, streamOutput } from "./output-file.js";

/** Where received files go, as `--out` says. */
export interface OutputPlace {
  /** What to call it in messages: a path, or `standard output`. */
  pathFor(offer: Offer): string;
  open(offer: Offer): Promise<OutputFile>;
}

/**
 * Finds out what `--out` means: `-` is standard output, a folder takes files under the names that senders
 * give them, anything else is the file itself.
 *
 * @throws CommandError `folderNotFound`, `fileNotWritable`
 */
export async function findOutputPlace(out: string, stdout: Writable): Promise<OutputPlace> {
  if (out === "-") {
    const output = streamOutput(stdout, STDOUT_NAME);
    return { pathFor: () => STDOUT_NAME, open: () => Promise.resolve(output) };
  }
  const there = await stat(out).catch(() => undefined);
  if (there?.isDirectory() === true) return folder(out);
  if (there === undefined || there.isFile()) {
    // Better now than when the file is on its way.
    try {
      await access(dirname(out), constants.W_OK);
    } catch (error) {
      throw writeFailure(error, out);
    }
  }
  return { pathFor: () => out, open: () => openOutputFile(out) };
}

function folder(path: string): OutputPlace {
  const pathFor = (offer: Offer): string => join(path, fileName(offer.name));
  return {
    pathFor,
    async open(offer) {
      const file = pathFor(offer);
      if ((await stat(file).catch(() => undefined)) !== undefined) {
        throw new CommandError(
          EXIT.failed,
          "fileExists",
          `${file} exists, and a sender's name for a file replaces nothing`,
          { file },
        );
      }
      return openOutputFile(file);
    },
  };
}

/**
 * The name that a sender gave, if a file may be called so: no folders, no hidden file, nothing that a
 * system takes for something else.
 */
function fileName(name: string): string {
  const bad =
    name === "" ||
    name.startsWith(".") ||
    /[/\\:*?"<>|\p{Cc}\p{Cf}]/u.test(name) ||
    /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name);
  if (!bad) return name;
  throw new CommandError(
    EXIT.failed,
    "badFileName",
    `no file is called ${JSON.stringify(name)} here; name it with --out FILE`,
    { name },
  );
}
