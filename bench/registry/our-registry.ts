import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { topicNames } from '@truc/coordination';
import { TrucError } from '@truc/kernel';
import { checkDiskSpace, freePorts, startBackbone, type Backbone } from '@truc/local-stack';
import { benchAgency, datasetOfSource, residentDocuments } from '../capture/resident-documents.js';
import type { RegistryContestant } from './registry-contestant.js';

/** Of a schema, its version and their indexes, with what the write-ahead log has of them. */
const schemaBytes = 16 * 1024;
const residents = 20;
const registeredMsMax = 180_000;
const documentsPerApply = 20;

export interface OurRegistry {
  readonly contestant: RegistryContestant;
  readonly backbone: Backbone;
  /** Subjects of values that the dictionary's rules judge, with the schema that each has. */
  readonly governed: readonly { readonly subject: string; readonly schema: string }[];
  stop(): Promise<void>;
}

export interface OurRegistryOptions {
  readonly directory: string;
  /** How many datasets there are to register versions of. */
  readonly datasets: number;
  /** All that will be registered. */
  readonly schemas: number;
  readonly progress: (sentence: string) => void;
  readonly onDeath: (error: TrucError) => void;
  readonly signal: AbortSignal;
}

/**
 * The registry as it runs in a backbone: PostgreSQL, Kafka, platform, keeper of access; with credentials, a release of the dictionary, and a catalogue.
 * @throws TrucError as `startBackbone`, BENCH_DOCUMENTS, BENCH_SCHEMAS
 */
export async function startOurRegistry(options: OurRegistryOptions): Promise<OurRegistry> {
  const { directory, datasets, schemas, progress, onDeath, signal } = options;
  mkdirSync(directory, { recursive: true });
  await checkDiskSpace(directory, `a bench with ${schemas.toLocaleString('en')} schemas`, schemas * schemaBytes);
  const ports = await freePorts();
  const backbone = await startBackbone({ directory, ports, only: ['schema-registry'], residents, fresh: true, progress, signal });
  backbone.onExit(onDeath);
  try {
    const sources = Array.from({ length: datasets }, (_, index) => `bench${index}`);
    progress(`applying ${datasets} datasets`);
    for (let at = 0; at < sources.length; at += documentsPerApply) await applied(backbone, sources.slice(at, at + documentsPerApply));
    await untilRegistered(backbone, signal);
    const { pid } = backbone.process('schema-registry');
    if (pid === null) throw new TrucError('BENCH_REGISTRY', 'the schema registry does not run');
    const port = ports['schema-registry'];
    const contestant: RegistryContestant = {
      name: 'Truc',
      port,
      pid,
      basePath: '',
      credentials: `Authorization: Bearer ${backbone.administratorToken}\r\n`,
      stop: () => Promise.resolve(),
    };
    const governed = await Promise.all(sources.map((source) => governedSubject(backbone, source)));
    return { contestant, backbone, governed, stop: () => backbone.stop() };
  } catch (error) {
    await backbone.stop();
    throw error;
  }
}

async function applied({ platform }: Backbone, sources: readonly string[]): Promise<void> {
  const answer = await platform.apply(sources.map(residentDocuments));
  if ('problems' in answer) {
    const why = answer.problems.map(({ message }) => message).join('; ');
    throw new TrucError('BENCH_DOCUMENTS', `the bench's own documents are refused: ${why}`);
  }
}

async function untilRegistered({ platform }: Backbone, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + registeredMsMax;
  for (;;) {
    const [open] = (await platform.status()).schemas.filter(({ state }) => state !== 'registered');
    if (open === undefined) return;
    if (performance.now() > deadline)
      throw new TrucError('BENCH_SCHEMAS', `the registry does not hold the schema of ${open.subject}: ${open.reason}`);
    await sleep(200, undefined, { signal });
  }
}

async function governedSubject({ urls, administratorToken }: Backbone, source: string) {
  const subject = `${topicNames.data(benchAgency, datasetOfSource(source), 1)}-value`;
  const response = await fetch(`${urls['schema-registry']}/subjects/${subject}/versions/latest`, {
    headers: { authorization: `Bearer ${administratorToken}` },
  });
  const { schema } = (await response.json()) as { schema?: string };
  if (schema === undefined) throw new TrucError('BENCH_SCHEMAS', `the registry answers ${response.status} for ${subject}`);
  return { subject, schema };
}
