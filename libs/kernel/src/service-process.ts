import { parseArgs } from 'node:util';
import type { z } from 'zod';
import { loadConfiguration } from './configuration.js';
import { messageOf } from './truc-error.js';

/** What of its process a service uses; `process` of Node is one. */
export interface ServiceProcess {
  readonly argv: readonly string[];
  readonly env: Record<string, string | undefined>;
  readonly stderr: { write(text: string): unknown };
  once(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
  exit(code: number): unknown;
}

export interface Service<T> {
  readonly name: string;
  /** Of the file that `--config` names. */
  readonly configuration: z.ZodType<T>;
  /** @returns what ends it in order */
  readonly start: (configuration: T) => Promise<{ close(): Promise<void> }>;
}

/**
 * The life of an app as a process: reads its configuration, starts it, and ends it in order at SIGTERM or SIGINT, also one that came while it was starting.
 * Ends with 0 in order, 1 after a failure, 3 without a configuration.
 */
export async function runService<T>(runtime: ServiceProcess, { name, configuration, start }: Service<T>): Promise<void> {
  const { values } = parseArgs({ args: runtime.argv.slice(2), options: { config: { type: 'string' } }, strict: false });
  if (typeof values.config !== 'string') {
    runtime.stderr.write(`usage: ${name} --config FILE\n`);
    runtime.exit(3);
    return;
  }
  const fail = (error: unknown): void => {
    runtime.stderr.write(`${messageOf(error)}\n`);
    runtime.exit(1);
  };
  try {
    const starting = start(loadConfiguration(configuration, values.config, runtime.env));
    const end = async (): Promise<void> => {
      await (await starting.catch(() => null))?.close();
      runtime.exit(0);
    };
    for (const signal of ['SIGTERM', 'SIGINT'] as const) runtime.once(signal, () => void end().catch(fail));
    await starting;
  } catch (error) {
    fail(error);
  }
}
