import { types } from 'node:util';
import type { Language } from './language.js';

/**
 * An error a person can act on: a stable code, what happened and where, and what to do.
 *
 * `retry` says whether the same attempt may succeed later without anybody changing anything. Decisions are made on `code` and `retry`, never on the message.
 */
export class TrucError extends Error {
  readonly code: string;
  readonly retry: boolean;
  /** The same sentence for those who read Vietnamese, where the error is told to the authors of documents. */
  readonly vi: string | null;

  /** @param code stable, upper-case with underscores, prefixed by its room: `CAPTURE_SLOT_GAP`. */
  constructor(code: string, message: string, options: { retry?: boolean; cause?: unknown; vi?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'TrucError';
    this.code = code;
    this.retry = options.retry ?? false;
    this.vi = options.vi ?? null;
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

/** As {@link messageOf}, in a language where the error has it. */
export function messageIn(error: unknown, language: Language): string {
  return (language === 'vi' && error instanceof TrucError ? error.vi : null) ?? messageOf(error);
}

/**
 * What may be logged of any thrown value while rows are in hand. Our own errors say what happened and hold no value of a row. Of anything else only its kind and
 * its place in the code are told, because what the engine says quotes what it choked on: `Cannot convert 001099012345x to a BigInt`.
 */
export function reasonOf(error: unknown): string {
  if (error instanceof TrucError) return error.message || error.code;
  if (!types.isNativeError(error)) return `a ${typeof error} was thrown`;
  const [place] = callsOf(error);
  const [, file] = /([^\\/\s()]+:\d+:\d+)\)?$/.exec(place ?? '') ?? [];
  const code = outerCodeOf(error);
  return `${error.name}${code === null ? '' : ` (${code})`}${file === undefined ? '' : ` at ${file}`}`;
}

/** The code that the system or a library gave an error, as in ECONNREFUSED or 23505; null where it has none of that form. */
export function outerCodeOf(error: Error): string | null {
  return 'code' in error && typeof error.code === 'string' && /^[A-Z0-9_]{1,60}$/.test(error.code) ? error.code : null;
}

/** Where an error was thrown and by whom that was called, innermost first, without its message. Empty where the two cannot be told apart. */
export function callsOf({ message, stack = '' }: Error): string[] {
  // The message was written into the first line when the error was made; one that was changed since does not tell where the calls begin.
  const [firstLine = ''] = stack.split('\n', 1);
  const [firstOfMessage = ''] = message.split('\n', 1);
  const start = stack.indexOf(message);
  const isSame = message === '' ? !firstLine.includes(':') : firstLine.endsWith(firstOfMessage) && start < firstLine.length;
  if (start === -1 || !isSame) return [];
  return stack
    .slice(start + message.length)
    .split('\n')
    .flatMap((line) => /^\s+at (.+:\d+:\d+\)?)$/.exec(line)?.[1] ?? []);
}
