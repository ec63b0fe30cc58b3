import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { TrucError } from '@truc/kernel';
import { checkDiskSpace, freePort, freePorts, startBackbone, type Backbone } from '@truc/local-stack';
import { mkdirSync } from 'node:fs';
import { residentDocuments } from './resident-documents.js';
import { SourceDatabase, type AgentLogin } from './source-database.js';

/** Of a row: in its table and index, in the write-ahead log, and in up to three topics. */
const rowBytes = 3 * 1024;
/** Nobody lives there: all that is measured is in tables of the bench. */
const residents = 20;
const registeredMsMax = 60_000;

export interface BenchBackbone {
  readonly backbone: Backbone;
  readonly database: SourceDatabase;
  readonly login: AgentLogin;
  stop(): Promise<void>;
}

export interface BenchBackboneOptions {
  readonly directory: string;
  /** Names that sources of the bench have in the policy. */
  readonly sources: readonly string[];
  /** All that will be inserted. */
  readonly rows: number;
  readonly progress: (sentence: string) => void;
  /** Told of a child that ended though nobody asked it to. */
  readonly onDeath: (error: TrucError) => void;
  readonly signal: AbortSignal;
}

/**
 * The smallest real backbone that captures: PostgreSQL, Kafka, platform, keeper of access, schema registry; the source on a server of its own, set up as a server for such work
 * would be. Kafka runs with the compiler and the garbage collector that a broker has in service.
 * @throws TrucError as `startBackbone`; nothing that was started is left running
 */
export async function startBenchBackbone(options: BenchBackboneOptions): Promise<BenchBackbone> {
  const { directory, sources, rows, progress, onDeath, signal } = options;
  mkdirSync(directory, { recursive: true });
  await checkDiskSpace(directory, `a bench with ${rows.toLocaleString('en')} rows`, rows * rowBytes);
  const backbone = await startBackbone({
    directory,
    ports: await freePorts(),
    only: ['schema-registry'],
    residents,
    fresh: true,
    sourceServer: {
      port: await freePort(),
      settings: { shared_buffers: '512MB', max_wal_size: '8GB', min_wal_size: '1GB', checkpoint_timeout: '1h', autovacuum: false },
    },
    kafka: { heapMebibytes: 1_024, jvmFlags: ['-XX:TieredStopAtLevel=4', '-XX:-UseSerialGC', '-XX:+UseG1GC'] },
    progress,
    signal,
  });
  backbone.onExit(onDeath);
  let database: SourceDatabase | null = null;
  const stop = async (): Promise<void> => {
    await database?.close();
    await backbone.stop();
  };
  try {
    const login = { role: 'truc_agent_bench', password: randomBytes(24).toString('base64url') };
    database = await SourceDatabase.create(backbone.databases.population, backbone.world, login);
    await applyDocuments(backbone, sources, signal);
    return { backbone, database, login, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function applyDocuments({ platform }: Backbone, sources: readonly string[], signal: AbortSignal): Promise<void> {
  const answer = await platform.apply(sources.map(residentDocuments));
  if ('problems' in answer)
    throw new TrucError(
      'BENCH_DOCUMENTS',
      `the bench's own documents are refused: ${answer.problems.map(({ message }) => message).join('; ')}`,
    );
  const deadline = performance.now() + registeredMsMax;
  for (;;) {
    const open = (await platform.status()).schemas.filter(({ state }) => state !== 'registered');
    if (open.length === 0) return;
    if (performance.now() > deadline)
      throw new TrucError('BENCH_SCHEMAS', `the registry does not hold the schema of ${open[0]?.subject}: ${open[0]?.reason}`);
    await sleep(200, undefined, { signal });
  }
}
