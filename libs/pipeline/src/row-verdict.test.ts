import fc from 'fast-check';
import { sameKey, type MasterDataKey } from '@truc/change-event';
import { effectsOf, type FormerRow, type RowVerdict } from './row-verdict.js';

const key = (code: string): MasterDataKey => ({ scheme: 's', code, row: '' });
const good = (code: string): RowVerdict => ({ kind: 'good', row: { code }, key: key(code), marks: [] });
const bad: RowVerdict = {
  kind: 'bad',
  reasons: [{ rule: 'V1', element: null, field: 'code', reason: 'missing' }],
  marks: [],
  stops: false,
};
const former = (publishedKey: MasterDataKey | null, isHeld = false, sourceKey = '["1"]'): FormerRow => ({
  sourceKey,
  publishedKey,
  isHeld,
});
const next = (verdict: RowVerdict, sourceKey = '["1"]') => ({ sourceKey, verdict });
const kinds = (effects: ReturnType<typeof effectsOf>): string[] =>
  effects.map((effect) => (effect.kind === 'write' ? effect.op : effect.kind));

describe('effects of a changed row', () => {
  it.each([
    ['a new good row', null, next(good('a')), false, ['c']],
    ['a new bad row', null, next(bad), false, ['hold']],
    ['a good row of a snapshot', null, next(good('a')), true, ['r']],
    ['an update', former(key('a')), next(good('a')), false, ['u']],
    ['a change of code', former(key('a')), next(good('b')), false, ['delete', 'c']],
    ['a row that becomes bad keeps its last good version', former(key('a')), next(bad), false, ['hold']],
    ['a bad row with a key of a published one that is mended', former(key('a'), true), next(good('a')), false, ['u', 'release']],
    ['a bad row that is mended under another code', former(key('a'), true), next(good('b')), false, ['delete', 'c', 'release']],
    ['a row that never was good and is mended', former(null, true), next(good('a')), false, ['c', 'release']],
    ['a row that stays bad', former(key('a'), true), next(bad), false, ['hold']],
    ['a bad row whose source key changes', former(key('a'), true), next(bad, '["2"]'), false, ['hold', 'release']],
    ['a deleted row', former(key('a')), null, false, ['delete']],
    ['a deleted row that was held after it was good', former(key('a'), true), null, false, ['delete', 'release']],
    ['a deleted row that never was good', former(null, true), null, false, ['release']],
  ] as const)('%s', (_, before, after, isSnapshot, expected) => {
    expect(kinds(effectsOf(before, after, isSnapshot))).toEqual(expected);
  });

  it('leaves exactly the last good version published, whatever happens to the row', () => {
    const step = fc.oneof(fc.constant('delete' as const), fc.constant('bad' as const), fc.constantFrom('a', 'b', 'c'));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const published: MasterDataKey[] = [];
        let held: { lastPublishedKey: MasterDataKey | null } | null = null;
        let current: MasterDataKey | null = null;
        let exists = false;
        for (const kind of steps) {
          if (kind === 'delete' && !exists) continue;
          const before: FormerRow | null = exists ? former(held === null ? current : held.lastPublishedKey, held !== null) : null;
          const after = kind === 'delete' ? null : next(kind === 'bad' ? bad : good(kind));
          for (const effect of effectsOf(before, after, false)) {
            if (effect.kind === 'write') published.push(effect.key);
            if (effect.kind === 'delete')
              published.splice(
                published.findIndex((one) => sameKey(one, effect.key)),
                1,
              );
            if (effect.kind === 'hold') held = { lastPublishedKey: effect.lastPublishedKey };
            if (effect.kind === 'release') held = null;
            if (effect.kind === 'write' && effect.op === 'u') published.pop();
          }
          exists = kind !== 'delete';
          if (kind === 'delete') current = null;
          else if (kind !== 'bad') current = key(kind);
          const expected: MasterDataKey | null =
            held === null ? current : (held as { lastPublishedKey: MasterDataKey | null }).lastPublishedKey;
          expect(published).toEqual(expected === null ? [] : [expected]);
          expect(held !== null).toBe(kind === 'bad');
        }
      }),
    );
  });
});
