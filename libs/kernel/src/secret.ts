import { z } from 'zod';

/**
 * Stands for a secret: prints as stars wherever a configuration is logged.
 *
 * One that was given by a reference is looked up again each time it is needed, which is when a connection is made: whoever changes a password writes the new one into the
 * file, and no process has to be restarted. A file that is being written at that moment, or is not there, leaves what was read last.
 */
export class Secret {
  #value: string;
  readonly #lookUp: (() => string) | null;

  /** @param value as it was read at the start @param lookUp reads it again; may throw */
  constructor(value: string, lookUp: (() => string) | null = null) {
    this.#value = value;
    this.#lookUp = lookUp;
  }

  /** The secret as it is now. */
  reveal(): string {
    try {
      this.#value = this.#lookUp?.() || this.#value;
    } catch {
      // What was read last may still be right, and whoever uses it learns whether it is.
    }
    return this.#value;
  }

  toString(): string {
    return '***';
  }

  toJSON(): string {
    return '***';
  }
}

/** Schema of a secret setting: in the file `{file: path}` (relative to the configuration file) or `{env: NAME}`; parsed to a {@link Secret}. */
export const secret = z.instanceof(Secret, { message: 'a secret is given as {"file": "path"} or {"env": "NAME"}' });

/** Schema of a secret that a process which configures us directly may give as text itself; in a file it is a reference. */
export const secretText = z.union([secret, z.string().min(1)]);

/** Handed on as it is to whoever connects, who reveals it at each connection. */
export type SecretText = Secret | string;

/** The secret as it is now; not to be kept for the next connection. */
export function reveal(value: SecretText): string {
  return value instanceof Secret ? value.reveal() : value;
}
