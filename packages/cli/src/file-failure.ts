import { CommandError, isSystemError } from "./command-error.js";
import { EXIT } from "./exit-status.js";

const OPEN: Readonly<Record<string, readonly [code: string, words: string]>> = {
  ENOENT: ["fileNotFound", "there is no such file"],
  EACCES: ["fileNotReadable", "permission denied"],
  EPERM: ["fileNotReadable", "permission denied"],
  EISDIR: ["isDirectory", "it is a directory"],
  ERR_FS_FILE_TOO_LARGE: ["fileTooLarge", "it is too large to be read at once"],
};

/** Why a file could not be opened or read. */
export function openFailure(error: unknown, file: string): unknown {
  return toFailure(error, OPEN, `cannot read ${file}`);
}

const WRITE: Readonly<Record<string, readonly [code: string, words: string]>> = {
  ENOENT: ["folderNotFound", "its folder does not exist"],
  ENOTDIR: ["folderNotFound", "its folder does not exist"],
  EACCES: ["fileNotWritable", "permission denied"],
  EPERM: ["fileNotWritable", "permission denied"],
  EROFS: ["fileNotWritable", "the file system is read-only"],
  EISDIR: ["isDirectory", "it is a directory"],
  ENOSPC: ["diskFull", "no space left on the device"],
  EDQUOT: ["diskFull", "the disk quota is used up"],
  EFBIG: ["diskFull", "the file would be larger than the file system allows"],
  EPIPE: ["outputClosed", "the reader has closed it"],
};

/** Why a file could not be made or written. */
export function writeFailure(error: unknown, file: string): unknown {
  return toFailure(error, WRITE, `cannot write ${file}`);
}

function toFailure(
  error: unknown,
  known: Readonly<Record<string, readonly [code: string, words: string]>>,
  what: string,
): unknown {
  if (!isSystemError(error)) return error;
  const system = error.code;
  const [code = "fileError", words = error.message] = known[system] ?? [];
  return new CommandError(EXIT.failed, code, `${what}: ${words}`, { system });
}
