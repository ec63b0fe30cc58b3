import { createHash } from 'node:crypto';
import { canariesIn, type CanaryPlace } from './canary.js';
import { personCode } from './person.js';
import { recordHash, type PlainRecord } from './record-hash.js';
import { streamRows } from './row-stream.js';
import { query } from './sql.js';
import { opIdsIn } from './token.js';

/** A row that the checker wrote, as it stands in a target. */
export interface TargetRow {
  /** The source row's key in the general database, the code at a subscriber. */
  readonly key: string;
  readonly hash: string;
}

const ownColumns = new Set(['truc_scheme', 'truc_code', 'truc_row', 'truc_position', 'truc_applied_at']);
const codePattern = '^0010[01][0-9]{7}$';

/** Every row of ours, by key, whatever columns its table has. @param by the column that names the row */
export async function* targetRows(url: string, table: string, by: 'truc_row' | 'truc_code', firstOp: number): AsyncGenerator<TargetRow> {
  const sql = `SELECT "${by}" AS key, to_jsonb(t) - 'truc_position' AS row FROM ${table} t WHERE truc_code ~ '${codePattern}' AND truc_code COLLATE "C" >= '${personCode(firstOp)}' ORDER BY "${by}" COLLATE "C"`;
  for await (const { key, row } of streamRows<{ key: string; row: Record<string, unknown> }>(url, sql, [])) {
    yield { key, hash: recordHash(plainRow(row)) };
  }
}

/** jsonb writes days as text and numbers with the digits of their scale. */
function plainRow(row: Readonly<Record<string, unknown>>): PlainRecord {
  const fields = Object.entries(row).filter(([name]) => !ownColumns.has(name));
  return Object.fromEntries(fields.map(([name, value]) => [name, plainValue(name, value)]));
}

function plainValue(name: string, value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return name.endsWith('tude') && typeof value === 'number' ? value.toFixed(6) : String(value as string | number);
}

export interface SearchedRow {
  readonly where: string;
  readonly canaries: readonly string[];
  readonly opIds: readonly number[];
}

/** Every row of every table that is not the server's own or the audit's, searched as text. */
export async function* searchedRows(url: string, place: CanaryPlace): AsyncGenerator<SearchedRow> {
  for (const table of await userTables(url)) {
    for await (const { text } of streamRows<{ text: string }>(url, `SELECT t::text AS text FROM ${table} t`, [])) {
      yield { where: table, canaries: canariesIn(text, place), opIds: opIdsIn(text) };
    }
  }
}

/** Tables of a target that a replay changes by its nature: how far it was read, and receipts on their way to the log. */
const ofDeliveries = new Set(['truc.offsets', 'truc.receipts']);

/** Digest of everything else that stands in a target's tables. */
export async function targetDigest(url: string): Promise<string> {
  const hash = createHash('sha256');
  for (const table of await userTables(url)) {
    if (ofDeliveries.has(table)) continue;
    hash.update(table);
    for await (const { text } of streamRows<{ text: string }>(url, `SELECT t::text AS text FROM ${table} t ORDER BY 1`, []))
      hash.update(text);
  }
  return hash.digest('hex');
}

async function userTables(url: string): Promise<string[]> {
  const rows = await query<{ name: string }>(
    url,
    `SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'checker') AND n.nspname NOT LIKE 'pg\\_toast%' ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}
