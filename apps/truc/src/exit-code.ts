import { messageOf, TrucError } from '@truc/kernel';

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

/** One sentence for a person: ours as it is, and that of anything else with what to do about it. */
export function sentenceOf(error: unknown): string {
  if (error instanceof TrucError || error instanceof UsageError) return error.message;
  return `something unexpected went wrong: ${messageOf(error)}`;
}
