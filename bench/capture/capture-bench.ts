import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { TrucError } from '@truc/kernel';
import { checkoutRoot } from '@truc/local-stack';
import { DebeziumContestant } from '../debezium/debezium-contestant.js';
import { profileShares, type ProfileShares } from '../harness/cpu-profile.js';
import { ProcessProfiler } from '../harness/process-profiler.js';
import { TopicEnds } from '../harness/topic-ends.js';
import { AgentContestant } from './agent-contestant.js';
import { startBenchBackbone, type BenchBackbone } from './bench-backbone.js';
import { captureReport, type CaptureReport } from './capture-report.js';
import type { CaptureRequest } from './capture-request.js';
import { captureVerdict, contestantResult, type ContestantKind } from './capture-result.js';
import { runRounds } from './capture-rounds.js';
import { residentTable } from './resident-table.js';
import { buildWithoutRules } from './rules-off.js';
import { benchPublication } from './source-database.js';

const partitions = 6;

/** Everything that is started, to be stopped in the opposite order. */
type Stop = () => Promise<unknown>;

export interface CaptureOutcome {
  readonly report: CaptureReport;
  /** By the contestant's name; empty where nobody asked for them. */
  readonly profiles: ReadonlyMap<string, ProfileShares>;
}

/**
 * Starts everybody, measures, and stops everybody, whatever happens.
 * @throws TrucError of whatever could not be started or measured; the signal's reason
 */
export async function benchCapture(
  request: CaptureRequest,
  progress: (sentence: string) => void,
  given: AbortSignal,
): Promise<CaptureOutcome> {
  const machine = { cpus: availableParallelism(), loadBefore: loadavg()[0] ?? 0, node: process.versions.node };
  const death = new AbortController();
  const signal = AbortSignal.any([given, death.signal]);
  const stops: Stop[] = [];
  try {
    const place = { progress, signal, onDeath: (error: TrucError) => death.abort(error) };
    const bench = await startBenchBackbone({
      ...place,
      directory: join(request.workDirectory, 'backbone'),
      sources: kindsOf(request).filter((kind) => kind !== 'debezium'),
      rows: request.warmUpRows + request.rows * request.runs,
    });
    stops.push(() => bench.stop());
    const contestants = [];
    for (const kind of kindsOf(request)) {
      const contestant = await startContestant(kind, request, bench, place);
      stops.push(() => contestant.stop());
      await contestant.pause();
      contestants.push(Object.assign(contestant, { kind }));
    }
    const ends = new TopicEnds(bench.backbone.kafka);
    stops.push(() => ends.close());
    const kafkaPid = bench.backbone.processes.find(({ name }) => name === 'Kafka')?.pid ?? 0;
    const rounds = await runRounds({ request, contestants, database: bench.database, ends, kafkaPid, progress, signal });
    const results = contestants.map((contestant) =>
      contestantResult(contestant.kind, contestant.name, rounds.measures.get(contestant) ?? []),
    );
    const profiles = new Map([...rounds.profiles].map(([{ name }, taken]) => [name, profileShares(taken)]));
    return { report: captureReport(request, machine, results, captureVerdict(results)), profiles };
  } catch (error) {
    // Whatever failed because a child had gone is told by what became of the child.
    throw death.signal.aborted && !given.aborted ? death.signal.reason : error;
  } finally {
    progress('stopping');
    for (const stop of stops.toReversed()) await stop().catch(() => undefined);
  }
}

function kindsOf({ rules, peer }: CaptureRequest): ContestantKind[] {
  return [
    ...(rules === 'off' ? [] : ['rules-on' as const]),
    ...(rules === 'on' ? [] : ['rules-off' as const]),
    ...(peer === 'none' ? [] : [peer]),
  ];
}

interface Place {
  readonly progress: (sentence: string) => void;
  readonly onDeath: (error: TrucError) => void;
  readonly signal: AbortSignal;
}

async function startContestant(
  kind: ContestantKind,
  request: CaptureRequest,
  { backbone, database, login }: BenchBackbone,
  place: Place,
): Promise<AgentContestant | DebeziumContestant> {
  const { progress, signal } = place;
  if (kind === 'debezium') {
    progress('starting Debezium in Kafka Connect');
    return DebeziumContestant.start({
      ...place,
      backbone,
      databaseUrl: database.url,
      publication: benchPublication,
      table: residentTable,
      partitions,
      compression: request.compression,
      readerOf: async (slot) => (await database.slot(slot)).pid,
    });
  }
  const isOn = kind === 'rules-on';
  if (!isOn) progress('building an agent without the value rules');
  const checkout = isOn ? checkoutRoot : await buildWithoutRules(signal);
  progress(`starting the agent ${isOn ? 'with' : 'without'} the value rules`);
  const profiler = request.profile ? await ProcessProfiler.create() : null;
  const name = isOn ? 'agent, rules on' : 'agent, rules off';
  return AgentContestant.start({ ...place, name, source: kind, backbone, database, login, checkout, profiler });
}
