import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { withEnvironment } from './environment-settings.js';
import { Secret } from './secret.js';
import { messageOf, TrucError } from './truc-error.js';

/** A secret in a configuration file: a reference, so that the file itself may be shown to anybody. */
const secretReference = z.union([z.strictObject({ file: z.string().min(1) }), z.strictObject({ env: z.string().min(1) })]);

/** Resolves references anywhere in `value`, before the schema sees it. */
function resolveSecrets(value: unknown, read: (reference: z.infer<typeof secretReference>) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => resolveSecrets(item, read));
  if (value === null || typeof value !== 'object' || value instanceof Secret) return value;
  const reference = secretReference.safeParse(value);
  if (reference.success) {
    const lookUp = (): string => read(reference.data);
    return new Secret(lookUp(), lookUp);
  }
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

/** Where `{env: NAME}` is looked up, and what a service is told beside its file. */
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads a JSON configuration file once, at start.
 * @param environment where `{env: NAME}` is looked up (the composition root passes process.env)
 * @throws TrucError CONFIGURATION_UNREADABLE, CONFIGURATION_INVALID with every offending setting by its path
 */
export function loadConfiguration<T>(schema: z.ZodType<T>, path: string, environment: Environment): T {
  return parsed(schema, readJson(path), { name: `the configuration ${path}`, directory: dirname(path), environment });
}

/**
 * The configuration of a service: its file, where there is one, and over it the variables of {@link environmentSettings}. Files that a variable names are relative to the
 * directory of the configuration file, else to `workingDirectory`.
 * @throws TrucError CONFIGURATION_UNREADABLE, CONFIGURATION_INVALID
 */
export function serviceConfiguration<T>(
  schema: z.ZodType<T>,
  {
    file,
    environment,
    workingDirectory,
  }: { readonly file: string | null; readonly environment: Environment; readonly workingDirectory: string },
): T {
  const raw = withEnvironment(schema, file === null ? {} : readJson(file), environment);
  const name = file === null ? 'the configuration in the environment' : `the configuration ${file}`;
  return parsed(schema, raw, { name, directory: file === null ? workingDirectory : dirname(file), environment });
}

interface Origin {
  /** For messages. */
  readonly name: string;
  /** What paths of secret files are relative to. */
  readonly directory: string;
  readonly environment: Environment;
}

function parsed<T>(schema: z.ZodType<T>, raw: unknown, { name, directory, environment }: Origin): T {
  const resolved = resolveSecrets(raw, (reference) => {
    if ('env' in reference) {
      const value = environment[reference.env];
      if (value === undefined || value === '')
        throw new TrucError('CONFIGURATION_INVALID', `${name}: the environment variable ${reference.env} is not set`);
      return value;
    }
    const file = resolve(directory, reference.file);
    try {
      return readFileSync(file, 'utf8').trim();
    } catch (cause) {
      throw new TrucError('CONFIGURATION_UNREADABLE', `${name}: the secret file ${file} cannot be read: ${messageOf(cause)}`, { cause });
    }
  });
  const result = schema.safeParse(resolved);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `  ${issue.path.join('.') || '(all of it)'}: ${issue.message}`);
    throw new TrucError('CONFIGURATION_INVALID', `${name} is not valid:\n${problems.join('\n')}`);
  }
  return result.data;
}
