import { freePorts, startBackbone, type BackboneApp, type BackboneOptions } from '@truc/local-stack';
import { exitCode, type ExitCode } from '../exit-code.js';
import { leaveAtOnce } from './leave-at-once.js';
import { StopRequest } from './stop-request.js';

export interface SingleAppOptions {
  readonly app: BackboneApp;
  /** null takes any free one. */
  readonly port: number | null;
  readonly backbone: Omit<BackboneOptions, 'only' | 'progress' | 'signal' | 'ports'>;
  readonly output: NodeJS.WritableStream;
  readonly errors: NodeJS.WritableStream;
}

/**
 * Runs one app with what it needs, until it is told to stop. The first line of `output` is one JSON object: name, url, token (null where it is open), principal, pid.
 * @throws TrucError, also of a child that died
 */
export async function singleApp({ app, port, backbone: options, output, errors }: SingleAppOptions): Promise<ExitCode> {
  const stop = new StopRequest(leaveAtOnce);
  if (options.open === true) {
    errors.write('warning: platform and registry are open; everybody on this machine is their administrator\n');
  }
  const ports = await freePorts();
  const backbone = await startBackbone({
    ...options,
    ports: port === null ? ports : { ...ports, [app]: port },
    only: [app],
    progress: (sentence) => void errors.write(`${sentence} ...\n`),
    signal: stop.wanted,
  });
  try {
    const process = backbone.processes.find(({ name }) => name === app);
    const facts = {
      name: app,
      url: backbone.urls[app],
      token: options.open === true ? null : backbone.administratorToken,
      principal: 'administrator',
      pid: process?.pid,
    };
    output.write(`${JSON.stringify(facts)}\n`);
    await new Promise<void>((resolve, reject) => {
      backbone.onExit(reject);
      if (stop.wanted.aborted) resolve();
      stop.wanted.addEventListener('abort', () => resolve());
    });
    return exitCode.ok;
  } finally {
    await backbone.stop();
    stop.end();
  }
}
