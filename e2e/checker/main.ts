import { join } from 'node:path';
import { messageOf } from '@truc/kernel';
import { accessDirectory, accessOwn, type BackboneAccess } from './backbone-access.js';
import { HelpAsked, parseCommandLine, repeatCommand, usage, UsageError, type CheckRequest } from './command-line.js';
import { startOwnBackbone, type OwnBackbone } from './own-backbone.js';
import { allPlants } from './plant-catalogue.js';
import { buildPlanted } from './planted-build.js';
import { allScenarios } from './scenario-catalogue.js';
import { runScenario } from './scenario-run.js';
import type { Verdict } from './verdict.js';
import { verdictLines } from './verdict-lines.js';

/** The whole of `npm run check:faults`: from the command line to the exit code. */
const exitCodes = { held: 0, failed: 1, violated: 2, usage: 3 } as const;

const startedAt = performance.now();
function tell(sentence: string): void {
  process.stderr.write(`${((performance.now() - startedAt) / 1_000).toFixed(1).padStart(7)} s  ${sentence}\n`);
}

async function check(request: CheckRequest, signal: AbortSignal): Promise<Verdict> {
  const { scenario, seed, quick, plant, directory, workDirectory } = request;
  let own: OwnBackbone | null = null;
  try {
    own = directory === null ? await startOwn(request, signal) : null;
    const backbone: BackboneAccess = own === null ? await accessDirectory(directory ?? '') : accessOwn(own.backbone);
    return await runScenario({
      scenario,
      seed,
      quick,
      plant: plant?.name ?? null,
      backbone,
      own: own?.backbone ?? null,
      proxies: own?.proxies ?? null,
      repeat: repeatCommand(request),
      directory: join(workDirectory, 'reports'),
      tell,
      signal,
    });
  } finally {
    tell('stopping');
    await own?.stop();
  }
}

async function startOwn({ plant, workDirectory, portBase, residents, seed }: CheckRequest, signal: AbortSignal): Promise<OwnBackbone> {
  if (plant !== null) tell(`building ${plant.name} in: ${plant.describes}`);
  const appsRoot = plant === null ? null : await buildPlanted(plant);
  return startOwnBackbone({ directory: join(workDirectory, 'backbone'), portBase, residents, seed, appsRoot, tell, signal });
}

/** @param args without the program's name @returns the exit code */
export async function main(args: readonly string[]): Promise<number> {
  const [scenarios, plants] = await Promise.all([allScenarios(), allPlants()]);
  let request: CheckRequest;
  try {
    request = parseCommandLine(args, scenarios, plants);
  } catch (error) {
    if (error instanceof HelpAsked) {
      await printed(usage(scenarios, plants));
      return exitCodes.held;
    }
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n\n${usage(scenarios, plants)}`);
    return exitCodes.usage;
  }
  const giveUp = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => giveUp.abort(new Error('the run was given up')));
  try {
    const verdict = await check(request, giveUp.signal);
    process.stderr.write(verdictLines(verdict));
    if (request.json) await printed(`${JSON.stringify(verdict)}\n`);
    return verdict.violations.length === 0 ? exitCodes.held : exitCodes.violated;
  } catch (error) {
    process.stderr.write(`${giveUp.signal.aborted ? 'the run was given up; everything it started is stopped' : messageOf(error)}\n`);
    return exitCodes.failed;
  }
}

/** Written out, however slow the reader of a pipe is. */
function printed(text: string): Promise<void> {
  return new Promise((resolve, reject) => process.stdout.write(text, (error) => (error ? reject(error) : resolve())));
}
