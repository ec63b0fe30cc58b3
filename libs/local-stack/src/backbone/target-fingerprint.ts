import type { TargetKey, TargetTable } from '@truc/pipeline';
import { readTable, RowFingerprint } from '@truc/postgres-apply';
import pg from 'pg';
import type { RowSet } from './source-fingerprint.js';

export interface TargetFingerprint extends RowSet {
  /** Rows left out because quarantine holds a newer version of them: the last good one is what stands here. */
  readonly stale: number;
}

/** One text for one key. */
export function keyText({ scheme, code, row }: TargetKey): string {
  return JSON.stringify([scheme, code, row]);
}

/**
 * Fingerprints what a consumer holds. A table that was never made holds nothing.
 * @param held keys, as texts, of rows to leave out
 */
export async function targetFingerprint(url: string, table: TargetTable, held: ReadonlySet<string>): Promise<TargetFingerprint> {
  const fingerprint = new RowFingerprint(table.columns);
  let stale = 0;
  if (await exists(url, table)) {
    for await (const { key, row } of readTable({ connectionString: url, table })) {
      if (held.size > 0 && held.has(keyText(key))) stale += 1;
      else fingerprint.add(row);
    }
  }
  return { rows: fingerprint.rows, sha256: fingerprint.digest(), stale };
}

async function exists(url: string, { schema, name }: TargetTable): Promise<boolean> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [
      `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`,
    ]);
    return rows[0]?.there === true;
  });
}

const userColumns = `
  SELECT table_schema AS schema, table_name AS name, column_name AS column FROM information_schema.columns
   WHERE table_schema <> 'truc' AND table_schema NOT LIKE 'pg\\_%' AND table_schema <> 'information_schema' ORDER BY 1, 2, 3`;
/** Keys and bookkeeping of the tables that changes are applied to. */
const ownPrefix = 'truc_';

/** Columns of a subscriber's database that none of its contracts names, as `schema.table.column`. @param allowed tables with the columns that may be there */
export async function unexpectedColumns(url: string, allowed: readonly TargetTable[]): Promise<string[]> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ schema: string; name: string; column: string }>(userColumns);
    return rows
      .filter(({ schema, name, column }) => {
        const table = allowed.find((one) => one.schema === schema && one.name === name);
        return table === undefined || !(column.startsWith(ownPrefix) || table.columns.some((one) => one.name === column));
      })
      .map(({ schema, name, column }) => `${schema}.${name}.${column}`);
  });
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'truc reconciliation' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
