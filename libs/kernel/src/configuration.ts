import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { messageOf, TrucError } from './truc-error.js';

/** A secret in a configuration file: a reference, so that the file itself may be shown to anybody. */
const secretReference = z.union([z.strictObject({ file: z.string().min(1) }), z.strictObject({ env: z.string().min(1) })]);

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

/** Resolves references anywhere in `value`, before the schema sees it. */
function resolveSecrets(value: unknown, read: (reference: z.infer<typeof secretReference>) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => resolveSecrets(item, read));
  if (value === null || typeof value !== 'object') return value;
  const reference = secretReference.safeParse(value);
  if (reference.success) return new Secret(read(reference.data));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolveSecrets(item, read)]));
}

/**
 * No cause where the text is not JSON: the parser's message quotes it, and what was written there by mistake may be a password.
 * @throws TrucError CONFIGURATION_UNREADABLE
 */
function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new TrucError('CONFIGURATION_UNREADABLE', `the configuration ${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new TrucError('CONFIGURATION_UNREADABLE', `the configuration ${path} is not valid JSON; an editor shows where`);
  }
}

/**
 * Reads a JSON configuration file once, at start.
 * @param environment where `{env: NAME}` is looked up (the composition root passes process.env)
 * @throws TrucError CONFIGURATION_UNREADABLE, CONFIGURATION_INVALID with every offending setting by its path
 */
export function loadConfiguration<T>(schema: z.ZodType<T>, path: string, environment: Record<string, string | undefined>): T {
  const raw = readJson(path);
  const resolved = resolveSecrets(raw, (reference) => {
    if ('env' in reference) {
      const value = environment[reference.env];
      if (value === undefined || value === '')
        throw new TrucError('CONFIGURATION_INVALID', `${path}: the environment variable ${reference.env} is not set`);
      return value;
    }
    const file = resolve(dirname(path), reference.file);
    try {
      return readFileSync(file, 'utf8').trim();
    } catch (cause) {
      throw new TrucError('CONFIGURATION_UNREADABLE', `${path}: the secret file ${file} cannot be read: ${messageOf(cause)}`, { cause });
    }
  });
  const result = schema.safeParse(resolved);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `  ${issue.path.join('.') || '(the whole file)'}: ${issue.message}`);
    throw new TrucError('CONFIGURATION_INVALID', `the configuration ${path} is not valid:\n${problems.join('\n')}`);
  }
  return result.data;
}
