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
