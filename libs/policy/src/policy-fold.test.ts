import { digestOfItems, policyKey, type PolicyEntry } from '@truc/coordination';
import type { StoredRecord } from '@truc/pipeline';
import { PolicyFold } from './policy-fold.js';

const agency: PolicyEntry = { kind: 'agency', code: 'G01', name: { vi: 'x', en: 'x' } };
const sign = (atMs: number): PolicyEntry => ({ kind: 'heartbeat', atMs });
const record = (entry: PolicyEntry, offset: bigint): StoredRecord => ({
  topic: 'policy.common',
  partition: 0,
  offset,
  key: Buffer.from(policyKey(entry)),
  value: Buffer.from(JSON.stringify(entry)),
  headers: [],
  timestampMs: 0,
});

const definitions = [{ id: 'urn:vn:ddict:element:a.b' }];
const part: PolicyEntry = { kind: 'definitions', digest: digestOfItems(definitions), definitions };
const manifest: PolicyEntry = { kind: 'dictionary', release: 7, elements: [part.digest], valueDomains: [], codeLists: [] };

describe('the fold of policy', () => {
  it('keeps the last sign of life, which is nobody’s change', () => {
    const fold = new PolicyFold();
    expect(fold.fold([record(agency, 0n), record(sign(1), 1n)])).toMatchObject({ changed: [agency], removed: [], problems: [] });
    expect(fold.fold([record(sign(2), 2n)])).toEqual({ changed: [], removed: [], problems: [] });
    expect(fold.entries('heartbeat')).toEqual([sign(2)]);
  });

  it('tells of a release that is not whole until what it refers to is there again', () => {
    const fold = new PolicyFold();
    fold.fold([record(part, 0n), record(manifest, 1n)]);
    expect(fold.problems()).toEqual([]);
    fold.fold([{ ...record(part, 2n), value: null }]);
    expect(fold.problems()).toEqual([
      {
        topic: 'policy.common',
        offset: 1n,
        key: 'dictionary/7',
        reason: `release 7 of the dictionary is not used while parts of it are missing: ${policyKey(part)}`,
      },
    ]);
    fold.fold([record(part, 3n)]);
    expect(fold.problems()).toEqual([]);
    fold.fold([
      { ...record(part, 4n), value: null },
      { ...record(manifest, 5n), value: null },
    ]);
    expect(fold.problems()).toEqual([]);
  });

  it('keeps out a part that is not what its digest says, and with it the release', () => {
    const fold = new PolicyFold();
    const forged = { ...record(part, 0n), value: Buffer.from(JSON.stringify({ ...part, definitions: [] })) };
    fold.fold([forged, record(manifest, 1n)]);
    expect(fold.entries('definitions')).toEqual([]);
    expect(fold.problems().map(({ key }) => key)).toEqual([policyKey(part), 'dictionary/7']);
  });

  it.each<[string, string | Buffer, RegExp]>([
    ['nothing', '', /not JSON/],
    ['brackets without end', '['.repeat(900_000), /is nested deeper/],
    [
      'bytes that are not UTF-8',
      Buffer.from('{"kind":"agency","code":"G01","name":{"vi":"\xea","en":"x"}}', 'latin1'),
      /not UTF-8 from byte 45/,
    ],
    ['lists in each other', `{"kind":"agency","code":${'['.repeat(5_000)}${']'.repeat(5_000)}}`, /nested deeper/],
    ['an unknown kind', '{"kind":"nobody"}', /kind/],
    ['__proto__', '{"__proto__":{"kind":"agency","code":"G01","name":{"vi":"x","en":"x"}}}', /kind/],
    ['an integer past 2^53', '{"kind":"heartbeat","atMs":9007199254740993}', /atMs/],
    ['the entry of another key', JSON.stringify(sign(1)), /belongs under/],
  ])('keeps out %s, names where it stands, and goes on', (_, value, reason) => {
    const fold = new PolicyFold();
    fold.fold([record(agency, 0n)]);
    const bad = { ...record(agency, 5n), value: Buffer.from(value as string) };
    const { problems, removed } = fold.fold([bad, record(sign(2), 6n)]);
    expect(problems).toEqual([
      { topic: 'policy.common', offset: 5n, key: policyKey(agency), reason: expect.stringMatching(reason) as string },
    ]);
    expect([removed, fold.all()]).toEqual([[policyKey(agency)], [sign(2)]]);
    expect(fold.fold([record(agency, 7n)])).toMatchObject({ changed: [agency], problems: [] });
    expect(fold.problems()).toEqual([]);
  });
});
