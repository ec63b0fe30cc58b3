import { TrucError } from '@truc/kernel';

/**
 * Failures that pass without anybody changing this process: permissions and tokens are granted a moment after the policy that calls for them, an offset that does
 * not match is learnt by taking the partition again, and a new writer is opened where the last one failed.
 */
const passing: ReadonlySet<string> = new Set([
  'APPLY_OFFSET_MISMATCH',
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
