import { z } from 'zod';

/** Stands for a secret that was read: prints as stars wherever a configuration is logged. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
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

export function reveal(value: Secret | string): string {
  return value instanceof Secret ? value.reveal() : value;
}
