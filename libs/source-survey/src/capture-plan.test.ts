import { identityChoice, obstacle, publishedColumns } from './capture-plan.js';
import { column, identity, planned, table } from './survey.test-data.js';

const card = [column('id'), column('code'), column('note', { notNull: false })];

describe('the replica identity of a table', () => {
  it('stays where it carries what it has to', () => {
    expect(identityChoice(table('card', card), planned('card', ['id', 'code']))).toEqual({ kind: 'kept', columns: ['id'] });
  });

  it('becomes an index over the key and the code, the one that is there if there is one', () => {
    const wanted = planned('card', ['id', 'code'], { identity: ['id', 'code'] });
    expect(identityChoice(table('card', card), wanted)).toMatchObject({ kind: 'index', index: 'truc_card_identity', isNewIndex: true });
    const own = { index: 'card_both', columns: ['code', 'id'], isPrimary: false, notNull: true };
    const facts = table('card', card);
    expect(identityChoice({ ...facts, uniqueKeys: [...facts.uniqueKeys, own] }, wanted)).toMatchObject({
      index: 'card_both',
      isNewIndex: false,
    });
  });

  it('becomes the whole row where a column may be null, or the table is partitioned', () => {
    const nullable = planned('card', ['id', 'note'], { identity: ['id', 'note'] });
    expect(identityChoice(table('card', card), nullable)).toEqual({ kind: 'full', isNew: true });
    const both = planned('card', ['id', 'code'], { identity: ['id', 'code'] });
    expect(identityChoice(table('card', card, { isPartitioned: true }), both)).toEqual({ kind: 'full', isNew: true });
  });

  it('is not trusted where a partition has another one', () => {
    const leafIdentities = [identity('public.card_1', 'n', [])];
    expect(identityChoice(table('card', card, { isPartitioned: true, leafIdentities }), planned('card', ['id']))).toEqual({
      kind: 'full',
      isNew: true,
    });
  });

  it('gives an index a name that PostgreSQL does not cut', () => {
    const name = 'Đ'.repeat(40);
    const choice = identityChoice(table(name, card), planned(name, ['id', 'code'], { identity: ['id', 'code'] }));
    expect(Buffer.byteLength(choice.kind === 'index' ? choice.index : '')).toBeLessThanOrEqual(63);
  });
});

describe('what is published of a table', () => {
  const wanted = planned('card', ['id', 'code']);

  it('is what is mapped and what tells rows apart, in the order of the table', () => {
    expect(publishedColumns(table('card', card), planned('card', ['code'], { key: ['id'], identity: ['id'] }), 180_000)).toEqual([
      'id',
      'code',
    ]);
  });

  it('is the whole row where the old row is whole, and before lists of columns', () => {
    const whole = identity('public.card', 'f', []);
    expect(publishedColumns(table('card', card, { identity: whole, leafIdentities: [whole] }), wanted, 180_000)).toBeNull();
    expect(publishedColumns(table('card', card), wanted, 140_000)).toBeNull();
  });

  it('has generated columns from 18 on', () => {
    const facts = table('card', [column('id'), column('code', { isGenerated: true })]);
    expect(publishedColumns(facts, wanted, 170_000)).toEqual(['id']);
    expect(publishedColumns(facts, wanted, 180_000)).toEqual(['id', 'code']);
  });
});

it('a table without a key, or with another one, cannot be captured as it stands', () => {
  const facts = table('card', card);
  expect(obstacle(facts, planned('card', ['id']))).toBeNull();
  expect(obstacle(facts, planned('card', ['id'], { key: ['code'] }))).toBe('key-not-unique');
  expect(obstacle({ ...facts, uniqueKeys: [] }, planned('card', ['id']))).toBe('no-key');
  expect(obstacle(facts, planned('card', ['id'], { key: [] }))).toBe('no-key');
});
