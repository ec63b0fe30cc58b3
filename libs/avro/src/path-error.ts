import { TrucError } from '@truc/kernel';

/**
 * A failure deep inside a value. It gathers the path on its way up, from the innermost name outwards, and becomes a TrucError at the door, so that the good path pays nothing for it.
 */
export class PathError extends Error {
  private readonly steps: string[] = [];

  within(step: string): this {
    if (this.steps.length < 64) this.steps.push(step);
    return this;
  }

  get path(): string {
    return this.steps.length === 0 ? 'the value' : this.steps.reverse().join('.');
  }
}

/** Runs at a codec's door: `at` adds what only the door knows, such as the byte offset. */
export function asTrucError(error: unknown, code: string, at: string): unknown {
  if (error instanceof PathError) return new TrucError(code, `${error.path}: ${error.message}${at}`);
  if (error instanceof RangeError) return new TrucError(code, `the value is nested too deep or too large${at}`, { cause: error });
  return error;
}
