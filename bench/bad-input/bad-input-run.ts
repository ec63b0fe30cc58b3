import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts, removeBackbone, startBackbone, type Backbone } from '@truc/local-stack';
import type { BadInputRequest } from './bad-input-request.js';
import type { MeasuredInput, Outcome } from './bad-input-result.js';
import { commandInputs } from './command-inputs.js';
import { eventInputs } from './event-inputs.js';
import { goodInputs } from './good-inputs.js';
import { httpInputs } from './http-inputs.js';
import { ProbedApps } from './probed-apps.js';
import { sourceInputs } from './source-inputs.js';

/** One thing that nobody should send. */
export interface BadInput {
  readonly surface: string;
  readonly input: string;
  /** False where no process of the backbone takes part. */
  readonly isServed?: boolean;
  feed(signal: AbortSignal): Promise<Outcome>;
}

/** Starts a backbone, feeds it everything, then what is good, and tells what became of each. @throws TrucError where it cannot be started; the signal's reason */
export async function feedBadInput(
  {
    quick,
    workDirectory,
    withCommands = true,
    settleMs = 150,
  }: Pick<BadInputRequest, 'quick' | 'workDirectory'> & { readonly withCommands?: boolean; readonly settleMs?: number },
  progress: (sentence: string) => void,
  signal: AbortSignal,
): Promise<readonly MeasuredInput[]> {
  removeBackbone(workDirectory);
  const probed = new ProbedApps(workDirectory);
  const backbone = await startBackbone({
    directory: `${workDirectory}/backbone`,
    ports: await freePorts(),
    residents: 200,
    seed: 5,
    appsRoot: probed.root,
    progress,
    signal,
  });
  try {
    progress('the backbone stands; every process is left alone for a moment');
    await sleep(3_000, undefined, { signal });
    const measured: MeasuredInput[] = [];
    const all = [
      ...httpInputs(backbone, quick),
      ...(await eventInputs(backbone, quick)),
      ...sourceInputs(backbone),
      ...(withCommands ? commandInputs(workDirectory, quick) : []),
      ...goodInputs(backbone),
    ];
    for (const input of all) {
      progress(`${input.surface}: ${input.input}`);
      measured.push(await measure(input, { backbone, probed, settleMs, signal }));
    }
    return measured;
  } finally {
    await backbone.stop();
  }
}

interface Measuring {
  readonly backbone: Backbone;
  readonly probed: ProbedApps;
  /** After an input, for what is done behind the answer. */
  readonly settleMs: number;
  readonly signal: AbortSignal;
}

async function measure(input: BadInput, { backbone, probed, settleMs, signal }: Measuring): Promise<MeasuredInput> {
  const { surface, input: name, isServed = true } = input;
  const before = await probed.stops(backbone);
  const { told, isRight } = await input.feed(signal);
  await sleep(settleMs, undefined, { signal });
  const after = await probed.stops(backbone);
  const down = [...before.keys()].filter((app) => (after.get(app) ?? null) === null);
  const stops = [...after].flatMap(([app, stop]) => (stop === null ? [] : [{ app, ...stop }]));
  const slowest = stops.toSorted((a, b) => b.computeMs - a.computeMs)[0] ?? null;
  return { surface, input: name, told, isRight, stop: isServed ? slowest : null, down };
}
