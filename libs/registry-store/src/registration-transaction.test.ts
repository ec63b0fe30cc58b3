import { noScopes, type SubjectRules, type SubjectState } from '@truc/registry';
import type { EntityManager } from 'typeorm';
import { readWithRules } from './registration-transaction.js';

describe('a schema that is read before it is registered', () => {
  const subject = 'data.g01.population.resident.v1-value';
  const state: SubjectState = { subject, versions: [], scopes: noScopes };
  const violation = { rule: 'D1', path: '$.fields[0]', element: null, expected: 'an element', found: 'none', hint: 'name one' };
  const rules: SubjectRules = {
    judge: ({ reading }) => ({
      violations: [...reading.limits.map(({ path }) => ({ ...violation, rule: 'D12', path })), violation],
      warnings: [],
    }),
    neededBy: () => [],
  };
  // Without references nothing is asked of the database.
  const manager = {} as EntityManager;
  const read = (text: string, known: SubjectRules | null, caller = { name: 'lan', agencySlug: 'g02' }) =>
    readWithRules(manager, { text, references: [], language: 'vi' }, state, caller, known);

  it('is whole within the limits', async () => {
    expect(await read('{"type":"record","name":"R","fields":[]}', rules)).toMatchObject({ schema: { name: 'R' } });
  });

  it('is refused beyond them with everything else that is known of it, in the language asked for', async () => {
    const text = '{"type":"record","name":"R","fields":[{"name":"họ","type":"int"}]}';
    await expect(read(text, rules)).rejects.toMatchObject({
      errorCode: 42201,
      message: expect.stringMatching(/vi phạm 3 quy tắc/) as string,
      violations: [{ rule: 'D6' }, { rule: 'D12', path: '$.fields[0].name' }, { rule: 'D1' }],
    });
    await expect(read(text, null, { name: 'an', agencySlug: 'g01' })).rejects.toMatchObject({ violations: [{ rule: 'D12' }] });
  });

  it('is refused by itself where it is no schema at all', async () => {
    await expect(read('{"type":"nobody"}', rules)).rejects.toMatchObject({ errorCode: 42201, violations: [] });
  });
});
