import { systemClock } from '@truc/kernel';
import type { TargetColumnType, TargetTable } from '@truc/pipeline';
import { testPostgres, type TestPostgres } from '@truc/testing';
import { PostgresTarget } from './postgres-target.js';

const partition = { topic: 'view.a', partition: 0 };
const table = (name: string, ...columns: [string, TargetColumnType['kind'] & ('text' | 'integer' | 'bigint')][]): TargetTable => ({
  schema: 'shared',
  name,
  columns: columns.map(([column, kind]) => ({ name: column, type: { kind } })),
});
const resident = table('resident', ['full_name', 'text'], ['age', 'integer']);

describe('what a topic was loaded into', () => {
  let db: TestPostgres;
  const targets: PostgresTarget[] = [];
  const take = (topic: string, into: TargetTable, consumer = 'agent.g12') => {
    const target = new PostgresTarget({ connectionString: db.url, consumer, clock: systemClock });
    targets.push(target);
    return target.take([{ topic, partition: 0 }], [{ topic, table: into }]);
  };
  const tokens = async () => (await db.query('SELECT fencing_token FROM truc.offsets')).rows;

  beforeEach(async () => {
    db = await testPostgres();
    await take('view.a', resident);
  });
  afterEach(async () => {
    await Promise.all(targets.splice(0).map((target) => target.close()));
    await db.drop();
  });

  it('is taken again as it was, in whichever order its columns come', async () => {
    const other = table('resident', ['age', 'integer'], ['full_name', 'text']);
    await expect(take('view.a', other)).resolves.toEqual([{ ...partition, offset: -2n }]);
    await expect(take('view.b', table('person', ['full_name', 'text']))).resolves.toHaveLength(1);
  });

  it.each<[string, string, TargetTable, string]>([
    ['another table', 'view.a', table('person', ['full_name', 'text'], ['age', 'integer']), '"shared"."resident"'],
    ['another schema', 'view.a', { ...resident, schema: 'other' }, '"shared"."resident"'],
  ])('does not become %s', async (_, topic, into, told) => {
    await expect(take(topic, into)).rejects.toMatchObject({
      code: 'APPLY_TABLE_DIFFERS',
      retry: false,
      message: expect.stringContaining(told),
    });
    expect(await tokens()).toEqual([{ fencing_token: '1' }]);
  });

  it('does not get more, fewer or other columns', async () => {
    const changed = table('resident', ['full_name', 'text'], ['age', 'bigint'], ['email', 'text']);
    await expect(take('view.a', changed)).rejects.toMatchObject({
      code: 'APPLY_COLUMNS_DIFFER',
      message: expect.stringContaining('(age integer -> bigint, +email)'),
    });
    await expect(take('view.a', table('resident', ['full_name', 'text']))).rejects.toMatchObject({
      code: 'APPLY_COLUMNS_DIFFER',
      message: expect.stringContaining('(-age)'),
    });
  });

  it('is not filled from another topic as well, whoever reads it', async () => {
    for (const [topic, consumer] of [
      ['view.b', 'agent.g12'],
      ['view.a', 'agent.g16'],
    ] as const) {
      await expect(take(topic, resident, consumer)).rejects.toMatchObject({
        code: 'APPLY_TABLE_TAKEN',
        message: expect.stringContaining('view.a (agent.g12)'),
      });
    }
    expect(await tokens()).toEqual([{ fencing_token: '1' }]);
  });
});
