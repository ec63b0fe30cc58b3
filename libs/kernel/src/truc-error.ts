import { types } from 'node:util';

/**
 * An error a person can act on: a stable code, what happened and where, and what to do.
 *
 * `retry` says whether the same attempt may succeed later without anybody changing anything. Decisions are made on `code` and `retry`, never on the message.
 */
export class TrucError extends Error {
  readonly code: string;
  readonly retry: boolean;

  /** @param code stable, upper-case with underscores, prefixed by its room: `CAPTURE_SLOT_GAP`. */
  constructor(code: string, message: string, options: { retry?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'TrucError';
    this.code = code;
    this.retry = options.retry ?? false;
  }
}

/** True when `error` is ours and carries `code`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof TrucError && error.code === code;
}

/** The innermost sentence a person should read of any thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}

/**
 * What may be logged of any thrown value while rows are in hand. Our own errors say what happened and hold no value of a row. Of anything else only its kind and
 * its place in the code are told, because what the engine says quotes what it choked on: `Cannot convert 001099012345x to a BigInt`.
 */
export function reasonOf(error: unknown): string {
  if (error instanceof TrucError) return error.message || error.code;
  if (!types.isNativeError(error)) return `a ${typeof error} was thrown`;
  const { name, message, stack = '' } = error;
  const code = 'code' in error && typeof error.code === 'string' && /^[A-Z0-9_]{1,60}$/.test(error.code) ? ` (${error.code})` : '';
  const calls = stack.slice(stack.indexOf(message) + message.length);
  const [, place] = /\n\s+at (?:.*[\\/])?([^\\/\n]+:\d+:\d+)/.exec(calls) ?? [];
  return `${name}${code}${place === undefined ? '' : ` at ${place}`}`;
}
