import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkoutRoot } from './checkout.js';
import type { Environment } from './java-programs.js';
import { checkPort } from './port.js';
import { StackProcess } from './stack-process.js';
import { endStrayProcess } from './stray-process.js';

export interface NodeAppOptions {
  /** The app's room: `platform` runs apps/platform. */
  readonly name: string;
  /** What messages and logs call this process, when an app runs more than once. Default: `name`. */
  readonly label?: string;
  /** Path of its configuration file. */
  readonly configFile: string;
  /** Where it answers `/health/ready`, as its configuration says. */
  readonly port: number;
  /** How a person chooses another port, for the message when it is taken. */
  readonly portSetting?: string;
  readonly logFile: string;
  /** All that the child sees, beside PATH. Default: nothing more. */
  readonly environment?: Environment;
  readonly nodeFlags?: readonly string[];
  readonly readyTimeoutMs?: number;
  /** Gives the start up. */
  readonly signal?: AbortSignal | undefined;
  /** Folder whose `apps/<name>/dist` is run. Default: this checkout. */
  readonly checkout?: string;
}

export interface NodeApp {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly process: StackProcess;
  stop(): Promise<void>;
}

/** Whether the app says that it can do its work: 200 at `/health/ready`. */
export async function isAppReady(url: string, timeoutMs = 2_000): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' });
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    return false;
  }
}

/**
 * Runs a built app of ours under the Node that runs us, and returns when it is ready.
 * @throws TrucError STACK_PORT_BUSY, STACK_CHILD_EXITED, STACK_CHILD_NOT_READY
 */
export async function startNodeApp(options: NodeAppOptions): Promise<NodeApp> {
  const { name, label = name, configFile, port, checkout = checkoutRoot } = options;
  const pidFile = `${options.logFile}.pid`;
  mkdirSync(dirname(pidFile), { recursive: true });
  await endStrayProcess(pidFile, configFile, 'SIGTERM');
  await checkPort(port, label, options.portSetting);
  const url = `http://127.0.0.1:${port}`;
  const child = await StackProcess.start({
    name: label,
    command: process.execPath,
    args: [...(options.nodeFlags ?? []), join(checkout, 'apps', name, 'dist', 'main.js'), '--config', configFile],
    workingDirectory: checkout,
    environment: { PATH: process.env.PATH, ...options.environment },
    logFile: options.logFile,
    pidFile,
    isReady: () => isAppReady(url),
    readyTimeoutMs: options.readyTimeoutMs ?? 60_000,
    signal: options.signal,
    stopSteps: [{ signal: 'SIGTERM', waitMs: 20_000 }],
  });
  return { name: label, pid: child.pid, port, url, process: child, stop: async () => void (await child.stop()) };
}
