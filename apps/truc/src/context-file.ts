import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { httpLine, TrucError } from '@truc/kernel';
import { z } from 'zod';

const context = z.strictObject({
  platformUrl: z.url(),
  registryUrl: z.url(),
  /** null where the platform is open. */
  token: z.string().min(1).nullable(),
  ...httpLine,
});
/** A backbone that `truc` talks to, and as whom. */
export type Context = z.infer<typeof context>;

const contextFile = z.strictObject({ current: z.string().min(1), contexts: z.record(z.string().min(1), context) });
export type ContextFile = z.infer<typeof contextFile>;

export interface ContextPlaces {
  /** $TRUC_CONTEXT. */
  readonly named: string | undefined;
  readonly workingDirectory: string;
  readonly home: string;
}

const inCheckout = join('.truc', 'context.json');

/**
 * The context file that holds here: $TRUC_CONTEXT; else `.truc/context.json` in this directory or the nearest one above it, which `truc up` writes in its checkout;
 * else `.config/truc/context.json` in the home directory.
 */
export function findContextFile({ named, workingDirectory, home }: ContextPlaces): string {
  if (named !== undefined && named !== '') return resolve(workingDirectory, named);
  for (let directory = resolve(workingDirectory); ; directory = dirname(directory)) {
    const path = join(directory, inCheckout);
    if (existsSync(path)) return path;
    if (directory === dirname(directory)) return join(home, '.config', 'truc', 'context.json');
  }
}

/** @returns null where there is no such file @throws TrucError CONTEXT_UNREADABLE */
export function readContextFile(path: string): ContextFile | null {
  if (!existsSync(path)) return null;
  try {
    return contextFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    // What the parser says could quote a token.
    throw new TrucError(
      'CONTEXT_UNREADABLE',
      `the context file ${path} cannot be understood: remove it and run npm start, or mend it by hand`,
    );
  }
}

/** Complete or not at all, and for its owner's eyes only. */
export function writeContextFile(path: string, content: ContextFile): void {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, path);
}

/** Adds or replaces one context and makes it the current one; the others stay. */
export function saveContext(path: string, name: string, value: Context): void {
  const known = readContextFile(path);
  writeContextFile(path, { current: name, contexts: { ...known?.contexts, [name]: value } });
}

/**
 * @param name another than the current one
 * @throws TrucError CONTEXT_MISSING, CONTEXT_UNKNOWN, CONTEXT_UNREADABLE
 */
export function currentContext(path: string, name?: string): Context & { readonly name: string } {
  const file = readContextFile(path);
  const wanted = name ?? file?.current;
  const found = file?.contexts[wanted ?? ''];
  if (file !== null && found === undefined && name !== undefined) {
    throw new TrucError(
      'CONTEXT_UNKNOWN',
      `there is no context "${name}" in ${path}; it has ${Object.keys(file.contexts).join(', ') || 'none'}`,
    );
  }
  if (file === null || found === undefined) {
    throw new TrucError(
      'CONTEXT_MISSING',
      `${path} names no backbone to talk to: run npm start (or truc up), which makes the context "local", or set TRUC_CONTEXT to another context file`,
    );
  }
  return { name: wanted ?? file.current, ...found };
}
