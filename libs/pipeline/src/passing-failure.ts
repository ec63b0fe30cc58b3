import { TrucError } from '@truc/kernel';

/**
 * Failures that pass without anybody changing this process: permissions and tokens are granted a moment after the policy that calls for them, an offset that does
 * not match is learnt by taking the partition again, and a new writer is opened where the last one failed. A password that a database refuses is looked up again at the next
 * attempt: while it is being changed, the new one is at one side and not yet at the other. An index of parents that could not be written ends the run, since nothing else says where its table stands; the next
 * one stops that table alone if it still cannot be used.
 */
const passing: ReadonlySet<string> = new Set([
  'APPLY_LOGIN_REFUSED',
  'APPLY_OFFSET_MISMATCH',
  'CAPTURE_ACCESS_REFUSED',
  'CAPTURE_PARENTS_UNUSABLE',
  'LOG_AUTHENTICATION_FAILED',
  'LOG_CLOSED',
  'LOG_NOT_AUTHORIZED',
  'LOG_WRITE_FAILED',
  'REGISTRY_DENIED',
]);

/** The failure as the supervisor of a flow should take it: marked for another attempt where a new attempt may succeed. */
export function asPassing(error: unknown): unknown {
  if (!(error instanceof TrucError) || error.retry || !passing.has(error.code)) return error;
  return new TrucError(error.code, error.message, { retry: true, cause: error });
}

/** True where another process of the same identity has taken what this one wrote to. */
export function isFenced(error: TrucError): boolean {
  return error.code === 'APPLY_FENCED' || error.code === 'LOG_FENCED';
}
