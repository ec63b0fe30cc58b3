import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '@truc/kernel';
import { freePorts, removeBackbone, startBackbone, type Backbone } from '@truc/local-stack';
import type { BadInputRequest } from './bad-input-request.js';
import type { MeasuredInput, Outcome } from './bad-input-result.js';
import { commandInputs } from './command-inputs.js';
import { BackboneSide } from './backbone-side.js';
import { eventInputs } from './event-inputs.js';
import { goodInputs } from './good-inputs.js';
import { httpInputs } from './http-inputs.js';
import { policyInputs } from './policy-inputs.js';
import { ProbedApps } from './probed-apps.js';
import { sourceInputs } from './source-inputs.js';
import { storedInputs } from './stored-inputs.js';
import { WalsenderLine } from './walsender-line.js';
import { wireInputs } from './wire-inputs.js';

/** One thing that nobody should send. */
export interface BadInput {
  readonly surface: string;
  readonly input: string;
  /** False where no process of the backbone takes part, or one is started anew, whose start is no answer. */
  readonly isServed?: boolean;
  feed(signal: AbortSignal): Promise<Outcome>;
}

/** Starts a backbone, feeds it everything, then what is good, and tells what became of each. @throws TrucError where it cannot be started; the signal's reason */
export async function feedBadInput(
  {
    quick,
    workDirectory,
    only = '',
    every = 1,
    withCommands = true,
    settleMs = quick ? 50 : 150,
  }: Pick<BadInputRequest, 'quick' | 'workDirectory'> & {
    readonly only?: string;
    /** Of each surface one input out of so many, the first one too. */
    readonly every?: number;
    readonly withCommands?: boolean;
    readonly settleMs?: number;
  },
  progress: (sentence: string) => void,
  signal: AbortSignal,
): Promise<readonly MeasuredInput[]> {
  removeBackbone(workDirectory);
  const probed = new ProbedApps(workDirectory);
  const ports = await freePorts();
  // The sources lie on the one server of the backbone.
  const line = await WalsenderLine.listen(() => ports.postgres);
  const backbone = await startBackbone({
    directory: `${workDirectory}/backbone`,
    ports,
    seams: { sourcesPort: line.port },
    residents: 200,
    seed: 5,
    appsRoot: probed.root,
    progress,
    signal,
  }).catch(async (error: unknown) => {
    await line.close();
    throw error;
  });
  const side = new BackboneSide(backbone);
  try {
    progress('the backbone stands; every process is left alone for a moment');
    await sleep(3_000, undefined, { signal });
    const measured: MeasuredInput[] = [];
    const whole = [
      ...httpInputs(backbone, quick),
      ...(await eventInputs(backbone, side, quick)),
      ...policyInputs(side),
      ...sourceInputs(side),
      ...wireInputs(line, side),
      ...(await storedInputs(backbone, side, quick)),
      ...(withCommands ? commandInputs(backbone, workDirectory, quick) : []),
    ];
    const wanted = whole.filter(({ surface }, index) => {
      const before = whole.slice(0, index).filter((other) => other.surface === surface).length;
      // A command takes a second to start.
      const step = quick && surface.startsWith('truc ') ? 3 * every : every;
      return surface.startsWith(only) && before % step === 0;
    });
    const all = [...wanted, ...goodInputs(backbone, side)];
    for (const input of all) {
      progress(`${input.surface}: ${input.input}`);
      measured.push(await measure(input, { backbone, probed, settleMs, signal }));
    }
    return measured;
  } finally {
    await backbone.stop();
    await line.close();
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
  const { told, isRight } = await input.feed(signal).catch((error: unknown): Outcome => {
    signal.throwIfAborted();
    return { told: messageOf(error), isRight: false };
  });
  await sleep(settleMs, undefined, { signal });
  const after = await probed.stops(backbone);
  const down = [...before.keys()].filter((app) => (after.get(app) ?? null) === null);
  const stops = [...after].flatMap(([app, stop]) => (stop === null ? [] : [{ app, ...stop }]));
  const slowest = stops.toSorted((a, b) => b.computeMs - a.computeMs)[0] ?? null;
  return { surface, input: name, told, isRight, stop: isServed ? slowest : null, down };
}
