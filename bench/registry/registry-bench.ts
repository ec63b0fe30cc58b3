import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import type { TrucError } from '@truc/kernel';
import { startApicurio } from '../apicurio/apicurio-registry.js';
import { awaited } from '../harness/awaited.js';
import { residentMebibytesOf } from '../harness/process-memory.js';
import { startOurRegistry, type OurRegistry } from './our-registry.js';
import type { RegistryContestant } from './registry-contestant.js';
import { LoadedRegistry } from './loaded-registry.js';
import type { RegistryReport } from './registry-report.js';
import type { RegistryRequest } from './registry-request.js';
import { missedTargets, vsApicurio, type OwnMeasures } from './registry-result.js';

const app = 'schema-registry';
/** Reads before any that are measured, in seconds. */
const warmUpSeconds = 3;

/**
 * Starts both, measures, and stops both, whatever happens.
 * @throws TrucError of whatever could not be started or measured; the signal's reason
 */
export async function benchRegistry(
  request: RegistryRequest,
  progress: (sentence: string) => void,
  given: AbortSignal,
): Promise<RegistryReport> {
  const machine = { cpus: availableParallelism(), loadBefore: loadavg()[0] ?? 0, node: process.versions.node };
  const death = new AbortController();
  const signal = AbortSignal.any([given, death.signal]);
  const place = { progress, signal, onDeath: (error: TrucError) => death.abort(error) };
  const stops: (() => Promise<unknown>)[] = [];
  try {
    const { workDirectory: directory, datasets, manySchemas, peer } = request;
    const our = await startOurRegistry({ ...place, directory: join(directory, 'backbone'), datasets, schemas: manySchemas });
    stops.push(() => our.stop());
    const readySeconds = await startTime(our, signal);
    const contestants: RegistryContestant[] = [{ ...our.contestant, pid: pidOf(our) }];
    if (peer === 'apicurio') {
      progress('starting Apicurio');
      const apicurio = await startApicurio({ ...place, directory, serverUrl: our.backbone.databases.population });
      stops.push(() => apicurio.stop());
      contestants.push(apicurio);
    }
    const loaded = contestants.map((contestant) => new LoadedRegistry(contestant, our.governed, signal));
    await compare(loaded, request, progress);
    const own = { ...(await withMany(loaded[0], request, progress)), readySeconds };
    const results = loaded.map((one) => one.result());
    const [ours, theirs = null] = results;
    if (ours === undefined) throw new Error('nobody was measured');
    const versus = vsApicurio(ours, theirs);
    const missed = missedTargets(versus, own);
    return { bench: 'registry', vsApicurio: versus, own, missed, schemas: request.schemas, machine, contestants: results };
  } catch (error) {
    // Whatever failed because a child had gone is told by what became of the child.
    throw death.signal.aborted && !given.aborted ? death.signal.reason : error;
  } finally {
    progress('stopping');
    for (const stop of stops.toReversed()) await stop().catch(() => undefined);
  }
}

/** Seconds from the start of the process until it answers who has credentials: it has read by then whose are good. */
async function startTime({ backbone, contestant }: OurRegistry, signal: AbortSignal): Promise<number> {
  const process = backbone.process(app);
  await process.stop();
  const startedAt = performance.now();
  await process.start();
  const headers = { authorization: `Bearer ${backbone.administratorToken}` };
  const answers = async () => (await fetch(`http://127.0.0.1:${contestant.port}/schemas/types`, { headers, signal })).ok;
  await awaited('the registry did not let in who has credentials', answers, signal);
  return (performance.now() - startedAt) / 1_000;
}

function pidOf({ backbone }: OurRegistry): number {
  return backbone.process(app).pid ?? 0;
}

/** In turn, and the other way round in every other run. */
async function compare(loaded: readonly LoadedRegistry[], request: RegistryRequest, progress: (sentence: string) => void): Promise<void> {
  const { schemas, runs, seconds } = request;
  for (const one of loaded) await one.prepare();
  for (let run = 1; run <= runs; run += 1) {
    for (const one of inTurn(loaded, run)) {
      progress(`run ${run} of ${runs}: registering under new subjects, ${one.name}`);
      await one.registerNew(Math.floor((schemas * run) / runs));
    }
  }
  for (const one of loaded) await one.warmUp(warmUpSeconds);
  for (let run = 1; run <= runs; run += 1) {
    for (const one of inTurn(loaded, run)) {
      progress(`run ${run} of ${runs}: reading by id, ${one.name}`);
      await one.getById(seconds);
    }
    for (const one of inTurn(loaded, run)) {
      progress(`run ${run} of ${runs}: registering versions, ${one.name}`);
      await one.registerVersions(run);
    }
  }
}

function inTurn<T>(all: readonly T[], run: number): readonly T[] {
  return run % 2 === 1 ? all : all.toReversed();
}

async function withMany(
  ours: LoadedRegistry | undefined,
  { schemas, manySchemas, runs, seconds }: RegistryRequest,
  progress: (sentence: string) => void,
): Promise<Omit<OwnMeasures, 'readySeconds'>> {
  if (ours === undefined) throw new Error('nobody was measured');
  const before = { rate: ours.result().workloads.getById.perSecond, mebibytes: residentMebibytesOf(ours.pid) };
  progress(`registering up to ${manySchemas.toLocaleString('en')} schemas`);
  if (manySchemas > schemas) await ours.fill(manySchemas);
  await ours.warmUp(warmUpSeconds);
  const many = await ours.readMany(runs, seconds, progress);
  return {
    lossWithMany: before.rate === null || many === null ? null : 1 - many / before.rate,
    manySchemas,
    memoryMebibytes: residentMebibytesOf(ours.pid),
    memoryMebibytesBefore: before.mebibytes,
  };
}
