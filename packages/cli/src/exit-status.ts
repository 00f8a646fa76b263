/**
 * Exit statuses of the command:
 *
 * - `ok` 0: done
 * - `failed` 1: the operation failed (a file, a disk, a hash, a broken capture, a schedule that breaks a rule)
 * - `usage` 2: wrong arguments; nothing was sent
 * - `unreachable` 3: nobody answers, or the peer fell silent, in bounded time
 * - `interrupted` 130: Ctrl-C; `terminated` 143: SIGTERM. The peer was told.
 */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  interrupted: 130,
  terminated: 143,
} as const;

/** One of {@link EXIT}. */
export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];
