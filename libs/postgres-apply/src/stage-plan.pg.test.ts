import { systemClock } from '@truc/kernel';
import type { TargetChange, TargetTable } from '@truc/pipeline';
import { testPostgres, type TestPostgres } from '@truc/testing';
import { defaultApplyLimits } from './apply-limits.js';
import type { KeyHistory } from './batch-fold.js';
import { PostgresTarget } from './postgres-target.js';
import { Session } from './session.js';
import { TableCatalogue } from './table-catalogue.js';
import { TableMerge } from './table-merge.js';
import { buildStatements } from './table-statements.js';

const table: TargetTable = { schema: 'population', name: 'resident', columns: [{ name: 'full_name', type: { kind: 'text' } }] };
const stageName = 'stage_of_the_test';
const rowsOfTable = 12_000;

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Parent Relationship'?: string;
  readonly 'Relation Name'?: string;
  readonly Alias?: string;
  readonly 'Index Cond'?: string;
  readonly Plans?: readonly PlanNode[];
}

function nodes(plan: PlanNode): PlanNode[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodes)];
}

/** Whether an index leads to the one row of a key. */
const isLookup = (node: PlanNode): boolean => node['Node Type'].startsWith('Index') && /code = /.test(node['Index Cond'] ?? '');

/** Tables that a plan goes through once for each row of something else: what makes it take the square of the rows. */
function readAgainAndAgain(plan: PlanNode): string[] {
  return nodes(plan)
    .filter((node) => node['Node Type'] === 'Nested Loop')
    .flatMap((loop) => loop.Plans?.find((child) => child['Parent Relationship'] === 'Inner') ?? [])
    .flatMap((inner) => nodes(inner).filter((node) => node['Relation Name'] !== undefined && !isLookup(node)))
    .map((node) => `${node['Node Type']} on ${node['Relation Name']}`);
}

function change(number: number, sequence: bigint, kind: 'upsert' | 'delete'): TargetChange {
  const key = { scheme: 'personal-id', code: `001099${String(number).padStart(6, '0')}`, row: '' };
  const position = { epoch: 1, sequence, index: number };
  return kind === 'delete' ? { kind, key, position } : { kind, key, position, row: { full_name: `N${number}` } };
}

describe('the plan of a large merge', () => {
  let database: TestPostgres;
  let session: Session;
  beforeAll(async () => {
    database = await testPostgres();
    session = await Session.open({ connectionString: database.url, applicationName: 'test', limits: defaultApplyLimits });
  });
  afterAll(async () => {
    await session.close();
    await database.drop();
  });

  /** The stage of one call with all of a large transaction in it, and what the planner makes of each statement of the merge. */
  async function plans(entries: readonly KeyHistory[]): Promise<{ stagedRows: number; readAgain: Record<string, string[]> }> {
    const prepared = await new TableCatalogue().prepare(session, table);
    const merge = await TableMerge.open(session, table, prepared, stageName, 64 * 1024);
    const { countSuperseded, recordDeleted, deleteRows, upsertRows, forgetDeleted } = buildStatements(table, prepared, stageName);
    const named = [0, entries.length, prepared.qualified];
    const dated = [...named, Date.now()];
    return session.transaction(async () => {
      merge.begin();
      await merge.stage(entries);
      const { rows } = await session.query<{ n: number }>('SELECT reltuples::int AS n FROM pg_class WHERE relname = $1', [stageName]);
      const readAgain: Record<string, string[]> = {};
      for (const [name, sql, values] of [
        ['countSuperseded', countSuperseded, named],
        ['recordDeleted', recordDeleted, dated],
        ['deleteRows', deleteRows, named.slice(0, 2)],
        ['upsertRows', upsertRows, dated],
        ['forgetDeleted', forgetDeleted, named],
      ] as const) {
        const { rows: explained } = await session.query<{ 'QUERY PLAN': readonly { Plan: PlanNode }[] }>(`EXPLAIN (FORMAT JSON) ${sql}`, [
          ...values,
        ]);
        readAgain[name] = explained.flatMap((row) => row['QUERY PLAN'].flatMap(({ Plan }) => readAgainAndAgain(Plan)));
      }
      return { stagedRows: rows[0]?.n ?? -2, readAgain };
    });
  }

  it('knows how much is in the stage, and goes through no table once for each of its rows', async () => {
    const target = new PostgresTarget({ connectionString: database.url, consumer: 'c', clock: systemClock });
    const place = { topic: 't', partition: 0 };
    await target.take([place]);
    const numbers = Array.from({ length: rowsOfTable }, (_, number) => number);
    const upserts = numbers.map((number) => change(number, 1n, 'upsert'));
    await target.apply([{ ...place, fetchedFrom: -2n, nextOffset: 1n, table, changes: upserts }]);
    // What the planner believes of the deleted rows is from when there was one: a large transaction is not waited for by autovacuum.
    await target.apply([{ ...place, fetchedFrom: 1n, nextOffset: 2n, table, changes: [change(0, 2n, 'delete')] }]);
    await database.query('ANALYZE truc.deleted_rows');
    const deletes = numbers.filter((number) => number % 2 === 0).map((number) => change(number, 2n, 'delete'));
    await target.apply([{ ...place, fetchedFrom: 2n, nextOffset: 3n, table, changes: deletes }]);
    await target.close();

    const histories = numbers.map((number): KeyHistory => {
      const winner = { batch: 0, index: number, change: change(number, 3n, number % 3 === 0 ? 'delete' : 'upsert') };
      return { winner, changes: [winner] };
    });
    expect(await plans(histories)).toEqual({
      stagedRows: rowsOfTable,
      readAgain: { countSuperseded: [], recordDeleted: [], deleteRows: [], upsertRows: [], forgetDeleted: [] },
    });
  });
});
