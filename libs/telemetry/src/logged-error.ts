import { types } from 'node:util';
import { callsOf, outerCodeOf, TrucError } from '@truc/kernel';

/** What a log line says of an error. */
export interface LoggedError {
  readonly type: string;
  readonly code?: string;
  readonly message?: string;
  /** Where it was thrown, innermost call first; only for errors that are not ours, which have nothing else to be found by. */
  readonly calls?: readonly string[];
  readonly cause?: LoggedError;
}

const callsMax = 12;
const causesMax = 4;

/**
 * An error without the values that it may quote. Our own errors are written for people and hold none. The message of anything else does, and so do the fields that
 * libraries hang on their errors (a statement's parameters, a constraint's row), so of those only type, code and calls are told.
 */
export function loggedError(error: unknown, depth = 0): LoggedError {
  if (!types.isNativeError(error)) return { type: error === null ? 'null' : typeof error };
  const isOurs = error instanceof TrucError;
  const code = isOurs ? error.code : outerCodeOf(error);
  const calls = isOurs ? [] : callsOf(error).slice(0, callsMax);
  return {
    type: error.name,
    ...(code === null ? {} : { code }),
    ...(isOurs ? { message: error.message } : {}),
    ...(calls.length === 0 ? {} : { calls }),
    ...(error.cause === undefined || depth >= causesMax ? {} : { cause: loggedError(error.cause, depth + 1) }),
  };
}
