/** One demo source against everything that judges it: its mapping by what apply judges it by, and its rows as capture reads them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  compilePolicy,
  parseDocuments,
  planApply,
  type AppliedState,
  type DatasetPolicy,
  type DocumentFile,
  type PolicyEntry,
  type Problem,
} from '@truc/coordination';
import { compileRowJudge, isoDateOfDays, vietnamToday, type DictionaryRelease } from '@truc/dictionary';
import { type Language, systemClock } from '@truc/kernel';
import { compileTable, MemoryParentCodes, parentName, type CompiledTable, type SourceColumn, type TablePolicy } from '@truc/mapping';
import { readRows } from '@truc/postgres-capture';
import { catalogueOf, demoSource, demoUnits, type DemoSource, type TestPostgres } from '@truc/testing';

const dictionaryDir = join(import.meta.dirname, '../../../schemas/dictionary');

export function shippedDictionary(): DocumentFile[] {
  const shipped = readdirSync(dictionaryDir, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml'))
    .map((path) => ({ path: `dictionary/${path}`, text: readFileSync(join(dictionaryDir, path), 'utf8') }));
  const supplied = Object.entries(demoUnits).map(([path, text]) => ({ path: `dictionary/code-lists/${path}`, text }));
  return [...shipped, ...supplied];
}

/** What apply says of a mapping, once the dictionary and its catalogue hold. */
export function problemsOf(mapping: string, language: Language = 'en'): readonly Problem[] {
  const result = planApply([catalogueOf(mapping), { path: 'mapping.yaml', text: mapping }], applied(), language);
  return 'problems' in result ? result.problems : [];
}

let founded: { readonly state: AppliedState; readonly release: DictionaryRelease } | null = null;

/** The shipped dictionary, applied. */
function applied(): AppliedState {
  return founding().state;
}

function founding(): NonNullable<typeof founded> {
  if (founded !== null) return founded;
  const planned = planApply(shippedDictionary(), { documents: [], release: null });
  if ('problems' in planned || planned.plan.newRelease === null) throw new Error('the shipped dictionary is not sound');
  const { release, content } = planned.plan.newRelease;
  founded = { state: { documents: [], release: { number: release.number, content } }, release };
  return founded;
}

export interface CapturedTable {
  readonly dataset: DatasetPolicy;
  readonly compiled: CompiledTable;
}

export interface Captured {
  readonly release: DictionaryRelease;
  /** By table. */
  readonly tables: ReadonlyMap<string, CapturedTable>;
}

/** Compiles a mapping that apply accepts, through the policy as it is published. */
export function captured(mapping: string): Captured {
  const { release } = founding();
  const parsed = parseDocuments([catalogueOf(mapping), { path: 'mapping.yaml', text: mapping }], { release });
  if ('problems' in parsed) throw new Error(parsed.problems.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  const { common, byAgency } = compilePolicy(parsed.documents, release);
  const entries = JSON.parse(JSON.stringify([...common, ...[...byAgency.values()].flat()])) as PolicyEntry[];
  const datasets = new Map(entries.flatMap((entry) => (entry.kind === 'dataset' ? [[entry.name, entry] as const] : [])));
  const policies = entries.flatMap((entry): readonly TablePolicy[] => (entry.kind === 'source' ? entry.tables : []));
  const tables = policies.map((table): [string, CapturedTable] => {
    const dataset = datasets.get(table.dataset);
    if (dataset === undefined) throw new Error(`no dataset ${table.dataset}`);
    return [table.table, { dataset, compiled: compileTable(table, dataset, release) }];
  });
  return { release, tables: new Map(tables) };
}

const columnsQuery = `
  SELECT a.attname AS name, format_type(coalesce(nullif(t.typbasetype, 0), a.atttypid), CASE WHEN t.typbasetype = 0 THEN a.atttypmod ELSE t.typtypmod END) AS type,
    c.relreplident = 'f' OR coalesce(a.attnum = ANY (i.indkey), false) AS "isKey"
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_index i ON i.indrelid = c.oid AND CASE c.relreplident WHEN 'i' THEN i.indisreplident ELSE i.indisprimary END
  WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum`;

/** Columns as the stream announces them: base types of domains, and what is part of the replica identity. */
export async function streamedColumns(db: TestPostgres, table: string): Promise<SourceColumn[]> {
  return (await db.query<{ name: string; type: string; isKey: boolean }>(columnsQuery, [table])).rows;
}

/** A row that would be held back, and why: `rule reason` by field. */
export interface HeldRow {
  readonly table: string;
  /** The source key as quarantine has it. */
  readonly key: string;
  readonly reasons: readonly string[];
}

export interface Judged {
  readonly passed: readonly {
    readonly table: string;
    readonly row: Record<string, unknown>;
    readonly scheme: string;
    readonly code: string;
    readonly rowKey: string;
  }[];
  readonly held: readonly HeldRow[];
}

async function parentCodes(db: TestPostgres, tables: Iterable<CapturedTable>): Promise<MemoryParentCodes> {
  const codes = new MemoryParentCodes(10_000);
  for (const { compiled } of tables) {
    const { parent } = compiled;
    if (parent === null) continue;
    const bound = compiled.bindParent(await streamedColumns(db, parent.table));
    const names = (await streamedColumns(db, parent.table)).map(({ name }) => name);
    for await (const page of readRows(db.url, parent.table, names, { pageRows: 100 })) {
      for (const values of page) codes.take(parentName(parent), bound, values);
    }
  }
  return codes;
}

/** Reads every captured table in the stream's text form, maps each row and judges it by the rules of values. */
export async function judgeRows(db: TestPostgres, { release, tables }: Captured): Promise<Judged> {
  const parents = await parentCodes(db, tables.values());
  const passed: Judged['passed'][number][] = [];
  const held: HeldRow[] = [];
  const today = (): number => vietnamToday(systemClock);
  for (const [table, { dataset, compiled }] of tables) {
    const columns = await streamedColumns(db, table);
    const bound = compiled.bind(columns, parents);
    const judge = compileRowJudge(release, dataset, today);
    const names = columns.map(({ name }) => name);
    const keyPlaces = compiled.primaryKey.map((name) => names.indexOf(name));
    for await (const page of readRows(db.url, table, names, { pageRows: 100 })) {
      for (const values of page) {
        const { row, scheme, code, rowKey, problems, referenceDate } = bound.map(values);
        const { outcome, violations } = judge(row, { referenceDate: referenceDate ?? isoDateOfDays(today()) });
        if (outcome === 'pass' && problems.length === 0 && code !== null) {
          passed.push({ table, row, scheme, code, rowKey });
          continue;
        }
        const reasons = [...problems, ...violations].map(({ rule, field, reason }) => `${rule} ${field} ${reason}`);
        held.push({ table, key: keyPlaces.map((place) => values[place]).join('/'), reasons });
      }
    }
  }
  return { passed, held };
}

export async function load(db: TestPostgres, name: DemoSource['name']): Promise<DemoSource> {
  const source = demoSource(name);
  await db.query(source.schemaSql);
  await db.query(source.sampleSql);
  return source;
}
