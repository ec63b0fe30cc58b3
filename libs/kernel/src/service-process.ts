import { parseArgs } from 'node:util';
import type { z } from 'zod';
import { serviceConfiguration } from './configuration.js';
import { serviceVariables } from './environment-settings.js';
import { messageOf } from './truc-error.js';

/** What of its process a service uses; `process` of Node is one. */
export interface ServiceProcess {
  readonly argv: readonly string[];
  readonly env: Record<string, string | undefined>;
  readonly stderr: { write(text: string): unknown };
  cwd(): string;
  once(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
  exit(code: number): unknown;
}

export interface Service<T> {
  readonly name: string;
  /** Of the file that `--config` names, of the environment, or of both. */
  readonly configuration: z.ZodType<T>;
  /** @param stop aborts when a signal came while it starts: it need not finish then @returns what ends it in order */
  readonly start: (configuration: T, stop: AbortSignal) => Promise<{ close(): Promise<void> }>;
}

/**
 * The life of an app as a process: reads its configuration, starts it, and ends it in order at SIGTERM or SIGINT, also one that came while it was starting.
 * Ends with 0 in order, 1 after a failure, 3 without a configuration.
 */
export async function runService<T>(runtime: ServiceProcess, { name, configuration, start }: Service<T>): Promise<void> {
  const { values } = parseArgs({ args: runtime.argv.slice(2), options: { config: { type: 'string' } }, strict: false });
  const file = typeof values.config === 'string' ? values.config : null;
  if (file === null && serviceVariables(runtime.env).length === 0) {
    runtime.stderr.write(`usage: ${name} --config FILE, or without it and with TRUC__PORT and the other variables in the environment\n`);
    runtime.exit(3);
    return;
  }
  const fail = (error: unknown): void => {
    runtime.stderr.write(`${messageOf(error)}\n`);
    runtime.exit(1);
  };
  const stop = new AbortController();
  try {
    const loaded = serviceConfiguration(configuration, { file, environment: runtime.env, workingDirectory: runtime.cwd() });
    const starting = start(loaded, stop.signal);
    const end = async (): Promise<void> => {
      stop.abort();
      await (await starting.catch(() => null))?.close();
      runtime.exit(0);
    };
    for (const signal of ['SIGTERM', 'SIGINT'] as const) runtime.once(signal, () => void end().catch(fail));
    await starting;
  } catch (error) {
    // Stopped before it had started: that is no failure, and the end is on its way.
    if (!stop.signal.aborted) fail(error);
  }
}
