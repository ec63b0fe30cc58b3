/** What `truc` ends with. */
export const exitCode = {
  ok: 0,
  failed: 1,
  /** Changes or violations were found. */
  found: 2,
  usage: 3,
} as const;
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** Somebody asked for something that `truc` does not understand. */
export class UsageError extends Error {}
