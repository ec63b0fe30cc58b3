import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startPostgres } from '@truc/local-stack';
import { cpuSecondsOf } from '../harness/process-cpu.js';
import type { OverheadRequest } from './overhead-request.js';
import { resultOf, type Measured, type OverheadResult, type SourceSetting } from './overhead-result.js';
import { Population, type RowKind } from './population.js';

const settings: readonly SourceSetting[] = ['replica', 'key', 'full'];
const kinds: readonly RowKind[] = ['plain', 'portrait'];
/** Rows with a portrait are as many as fit into the same bytes of log, about. */
const portraitShare = 10;

/** Measures every setting on a server of its own. @throws TrucError of the local stack */
export async function benchOverhead(
  request: OverheadRequest,
  progress: (sentence: string) => void,
  signal: AbortSignal,
): Promise<OverheadResult> {
  const { workDirectory, rows, runs } = request;
  rmSync(workDirectory, { recursive: true, force: true });
  mkdirSync(workDirectory, { recursive: true });
  const measured: Measured[] = [];
  let widths = { plain: 0, portrait: 0 };
  for (const level of ['replica', 'logical'] as const) {
    progress(`starting PostgreSQL with wal_level = ${level}`);
    const server = await startPostgres({
      directory: join(workDirectory, level),
      settings: { wal_level: level, autovacuum: false, checkpoint_timeout: '1h', max_wal_size: '8GB' },
      signal,
    });
    try {
      const population = await Population.create(server.url);
      try {
        if (level === 'logical') await population.publish();
        for (const kind of kinds) {
          const count = kind === 'plain' ? rows : Math.ceil(rows / portraitShare);
          for (const setting of settings.filter((one) => (one === 'replica') === (level === 'replica'))) {
            for (let run = 1; run <= runs; run++) {
              signal.throwIfAborted();
              progress(`${kind}, ${setting}, run ${run} of ${runs}`);
              await population.identity(setting === 'full');
              await population.fill(kind, count);
              widths = { ...widths, [kind]: await population.rowBytes() };
              for (const change of ['update', 'delete'] as const)
                measured.push({ kind, setting, change, ...(await passed(population, change, count, level === 'logical')) });
            }
          }
        }
      } finally {
        await population.close();
      }
    } finally {
      await server.stop();
    }
  }
  return resultOf({ rows, runs, rowBytes: widths }, measured);
}

/** One pass over all rows, for each of them. */
async function passed(
  population: Population,
  change: 'update' | 'delete',
  rows: number,
  isLogical: boolean,
): Promise<Pick<Measured, 'walBytes' | 'changeCpuSeconds' | 'decodeCpuSeconds' | 'sentBytes'>> {
  if (isLogical) await population.openSlot();
  const before = { wal: await population.position(), cpu: cpuSecondsOf(population.pid) };
  await population.change(change, rows);
  const after = { wal: await population.position(), cpu: cpuSecondsOf(population.pid) };
  const sent = isLogical ? await population.drain() : null;
  if (sent === 0) throw new Error('unreachable: nothing of what was changed was decoded');
  const decoded = cpuSecondsOf(population.pid);
  return {
    walBytes: Number(after.wal - before.wal) / rows,
    changeCpuSeconds: perMillion(before.cpu, after.cpu, rows),
    decodeCpuSeconds: isLogical ? perMillion(after.cpu, decoded, rows) : null,
    sentBytes: sent === null ? null : sent / rows,
  };
}

function perMillion(before: number | null, after: number | null, rows: number): number | null {
  return before === null || after === null ? null : ((after - before) / rows) * 1_000_000;
}
