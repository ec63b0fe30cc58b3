import { parseAvroSchema } from '@truc/avro';
import type { ViewPolicy } from '@truc/contracts';
import type { DatasetPolicy } from '@truc/coordination';
import { compileRowJudge, isoDateOfDays, vietnamToday, type DictionaryRelease } from '@truc/dictionary';
import { systemClock } from '@truc/kernel';
import { compileTable, type MappedKey, type SourceColumn, type TablePolicy } from '@truc/mapping';
import { targetTableOf, type TargetTable } from '@truc/pipeline';
import { RowFingerprint } from '@truc/postgres-apply';
import { readRows } from '@truc/postgres-capture';
import pg from 'pg';

/** How many rows, and their fingerprint in any order. */
export interface RowSet {
  readonly rows: number;
  readonly sha256: string;
}

export interface SourceFingerprint {
  /** What should be in the general database. */
  readonly dataset: RowSet;
  /** What should be at the subscribers, by the view's id. */
  readonly views: ReadonlyMap<string, RowSet>;
  /** Keys of rows that break a rule and are held in quarantine: what consumers hold of them is their last good version, which the source no longer shows. */
  readonly held: readonly MappedKey[];
}

const pageRows = 2_000;

/** The table that holds the rows of an envelope with this schema. */
export function tableOfSchema(valueSchema: string, naming: { readonly schema: string; readonly name: string }): TargetTable {
  return targetTableOf(parseAvroSchema(valueSchema), naming);
}

/**
 * Reads a source table by itself, maps and judges every row as capture does, and fingerprints what should have arrived: all of it for the general database, and
 * what each view shows of it.
 * @param url of somebody who may read the mapped columns
 */
export async function sourceFingerprint(
  url: string,
  table: TablePolicy,
  dataset: DatasetPolicy,
  views: readonly ViewPolicy[],
  release: DictionaryRelease,
): Promise<SourceFingerprint> {
  const compiled = compileTable(table, dataset, release);
  const bound = compiled.bind(await sourceColumns(url, table, compiled.columns));
  const today = (): number => vietnamToday(systemClock);
  const judge = compileRowJudge(release, dataset, today);
  const naming = { schema: 'unused', name: 'unused' };
  const whole = new RowFingerprint(tableOfSchema(dataset.valueSchema, naming).columns);
  const projected = views.map((view) => ({
    id: view.id,
    fingerprint: new RowFingerprint(tableOfSchema(view.valueSchema, naming).columns),
  }));
  const held: MappedKey[] = [];
  for await (const page of readRows(url, table.table, compiled.columns, { pageRows })) {
    for (const values of page) {
      const { row, scheme, code, rowKey, problems, referenceDate } = bound.map(values);
      const isGood =
        code !== null && problems.length === 0 && judge(row, { referenceDate: referenceDate ?? isoDateOfDays(today()) }).outcome === 'pass';
      if (!isGood) {
        held.push({ scheme, code, rowKey });
        continue;
      }
      whole.add(row);
      for (const { fingerprint } of projected) fingerprint.add(row);
    }
  }
  const setOf = (fingerprint: RowFingerprint): RowSet => ({ rows: fingerprint.rows, sha256: fingerprint.digest() });
  return { dataset: setOf(whole), views: new Map(projected.map(({ id, fingerprint }) => [id, setOf(fingerprint)])), held };
}

const columnTypes = `
  SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type
    FROM pg_attribute a WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped`;

/** The columns as the mapping reads them, in its order. */
async function sourceColumns(url: string, { table }: TablePolicy, columns: readonly string[]): Promise<SourceColumn[]> {
  const [schema = '', name = ''] = table.split('.');
  const client = new pg.Client({ connectionString: url, application_name: 'truc reconciliation' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string; type: string }>(columnTypes, [
      `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`,
    ]);
    const types = new Map(rows.map((row) => [row.name, row.type]));
    // Whole rows are read, so all of each is known whatever the stream's old rows hold.
    return columns.map((column) => ({ name: column, type: types.get(column) ?? '', isKey: true }));
  } finally {
    await client.end();
  }
}
