import { setTimeout as sleep } from 'node:timers/promises';
import { releaseFromEntries, type PolicyEntry } from '@truc/coordination';
import { prepareSource, type CapturedTable, type World } from '@truc/demo';
import type { DictionaryRelease } from '@truc/dictionary';
import { TrucError } from '@truc/kernel';
import { compileTable } from '@truc/mapping';
import { checkDiskSpace } from '../disk-space.js';
import { demoSources } from './app-configurations.js';
import { passwordFile, urlOf } from './demo-databases.js';
import { demoFiles } from './demo-files.js';
import type { PlatformClient } from './platform-client.js';
import type { SecretsDirectory } from './secrets-directory.js';

/** Steps that only the first start of a data directory takes. Each may be taken again after it was cut short. */

const mebibyte = 1024 * 1024;
/** What both servers take before anybody lives there, write-ahead log included. */
const emptyBytes = 768 * mebibyte;
/** A resident as row, log record and row again at two consumers, with indexes, and what the writing of it left behind. */
const residentBytes = 8 * 1024;

/** Tells before anything is made when the disk is too small for so many residents. @throws TrucError STACK_DISK_FULL */
export function checkRoom(directory: string, residents: number): Promise<void> {
  return checkDiskSpace(
    directory,
    `a demonstration with ${residents.toLocaleString('en')} residents`,
    emptyBytes + residents * residentBytes,
  );
}

/** @throws TrucError BACKBONE_DEMO_REFUSED, which says that this checkout's own documents do not fit its dictionary */
export async function applyDemo(platform: PlatformClient, world: World): Promise<void> {
  const answer = await platform.apply(demoFiles(world));
  if (!('problems' in answer)) return;
  const lines = answer.problems.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`);
  throw new TrucError('BACKBONE_DEMO_REFUSED', `the demo's own documents are refused:\n${lines.join('\n')}`);
}

/**
 * Waits until the registry holds the schema of every dataset and view.
 * @throws TrucError BACKBONE_SCHEMAS_MISSING with the first reason
 */
export async function untilSchemasRegistered(platform: PlatformClient, waitMs: number, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const { schemas } = await platform.status();
    const open = schemas.filter(({ state }) => state !== 'registered');
    if (schemas.length > 0 && open.length === 0) return;
    if (performance.now() > deadline) {
      const first = open.find(({ state }) => state === 'refused') ?? open[0];
      const what = first === undefined ? 'no schema is known' : `${first.subject} is ${first.state}: ${first.reason ?? 'not tried yet'}`;
      throw new TrucError(
        'BACKBONE_SCHEMAS_MISSING',
        `the registry does not hold all schemas after ${Math.round(waitMs / 1000)} s; ${what}`,
      );
    }
    await sleep(100, undefined, { signal });
  }
}

/** @throws TrucError BACKBONE_RELEASE_MISSING */
export function releaseOfPolicy(entries: readonly PolicyEntry[]): DictionaryRelease {
  const release = releaseFromEntries(entries);
  if (release === null) throw new TrucError('BACKBONE_RELEASE_MISSING', 'the published policy holds no whole release of the dictionary');
  return release;
}

/** What each source's administrator does: the agent's role with least rights, and a publication of exactly the mapped columns. */
export async function prepareDemoSources(entries: readonly PolicyEntry[], sourcesUrl: string, secrets: SecretsDirectory): Promise<void> {
  const release = releaseOfPolicy(entries);
  for (const { agency, database, role, publication } of demoSources) {
    const source = entries.find((entry) => entry.kind === 'source' && entry.agency === agency && entry.database === database);
    if (source?.kind !== 'source')
      throw new TrucError('BACKBONE_SOURCE_MISSING', `the published policy has no source ${agency}/${database}`);
    const tables = source.tables.map((table): CapturedTable => {
      const dataset = entries.find((entry) => entry.kind === 'dataset' && entry.name === table.dataset);
      if (dataset?.kind !== 'dataset')
        throw new TrucError('BACKBONE_SOURCE_MISSING', `the published policy has no dataset ${table.dataset}`);
      return { table: table.table, columns: compileTable(table, dataset, release).columns };
    });
    const password = secrets.password(passwordFile(role));
    await prepareSource(urlOf(sourcesUrl, database, null, secrets), { role, password, publication, tables });
  }
}
