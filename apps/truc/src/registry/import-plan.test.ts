import type { IndexedVersion } from './export-reader.js';
import { wantedOf, type Wanted } from './import-names.js';
import { inOrder, planImport } from './import-plan.js';
import { idKey, versionKey, type TargetState, type TargetVersion } from './target-state.js';

type Reference = IndexedVersion['references'][number];
const version = (subject: string, number: number, id: number, more: Partial<IndexedVersion> = {}): IndexedVersion => ({
  subject,
  version: number,
  id,
  guid: null,
  schemaType: 'AVRO',
  references: [],
  deleted: false,
  digest: `digest ${id}`,
  at: 0,
  bytes: 0,
  ...more,
});
const to = (subject: string, number: number): Reference => ({ name: 'N', subject, version: number });
const wanted = (...versions: IndexedVersion[]): Wanted => wantedOf({ versions, settings: [], contexts: [], withheld: [] }, null);
const there = (...versions: (IndexedVersion & Partial<TargetVersion>)[]): TargetState => ({
  versions: new Map(versions.map((each) => [versionKey(each), each])),
  ids: new Map(versions.map((each) => [idKey(each), each])),
  settings: new Map(),
  lastIds: [],
});
const plan = (asked: Wanted, target: TargetState) => planImport(asked, target, (each, found) => each.source.digest === found.digest);
const names = (versions: readonly { readonly subject: string; readonly version: number }[]) =>
  versions.map(({ subject, version: number }) => `${subject} ${number}`);

describe('planImport', () => {
  it('registers what is missing, each after what it refers to, and deletes the other way round', () => {
    const whole = version('whole', 1, 1, { references: [to('part', 2)], deleted: true });
    const part = version('part', 2, 9, { deleted: true });
    const { missing, deletions, conflicts } = plan(wanted(whole, version('other', 1, 5), part), there());
    expect([names(missing), names(deletions), conflicts]).toEqual([['part 2', 'whole 1', 'other 1'], ['whole 1', 'part 2'], []]);
  });

  it('has nothing to do where all is there', () => {
    const all = [version('a', 1, 1), version('a', 2, 2, { deleted: true })];
    expect(plan(wanted(...all), there(...all))).toEqual({ conflicts: [], held: [], missing: [], deletions: [], present: 2 });
  });

  it('goes on where it was stopped: what is there and should be deleted is deleted, what should live is brought back', () => {
    const [lives, goes] = [version('a', 1, 1), version('b', 1, 2, { deleted: true })];
    const found = plan(wanted(lives, goes), there({ ...lives, deleted: true }, { ...goes, deleted: false }));
    expect([names(found.missing), names(found.deletions)]).toEqual([['a 1'], ['b 1']]);
  });

  it('lets a deleted version live once more for one that refers to it', () => {
    const part = version('part', 1, 1, { deleted: true });
    const whole = version('whole', 1, 2, { references: [to('part', 1)], deleted: true });
    const found = plan(wanted(part, whole), there(part));
    expect([names(found.missing), names(found.deletions)]).toEqual([
      ['part 1', 'whole 1'],
      ['whole 1', 'part 1'],
    ]);
  });

  it('names everything that is taken by something else', () => {
    const asked = [version('a', 1, 1), version('b', 1, 2), version('c', 1, 2, { digest: 'another' })];
    const target = there(version('a', 1, 7, { digest: 'digest 1' }), version('x', 3, 2, { digest: 'strange' }));
    expect(plan(wanted(...asked), target).conflicts).toEqual([
      { kind: 'version', subject: 'a', version: 1, id: 1, idThere: 7 },
      { kind: 'id', subject: 'b', version: 1, id: 2, heldBy: 'version 3 of x' },
      { kind: 'source', subject: 'c', version: 1, id: 2, heldBy: 'version 1 of b' },
      { kind: 'id', subject: 'c', version: 1, id: 2, heldBy: 'version 3 of x' },
      { kind: 'foreign', subject: 'x', versions: 1 },
    ]);
  });

  it('holds what is no Avro, what refers to it, and what the source keeps to itself, which is nobody else’s here either', () => {
    const asked: Wanted = {
      ...wanted(
        version('json', 1, 1, { schemaType: 'JSON' }),
        version('a', 1, 2, { references: [to('b', 1)] }),
        version('b', 1, 3, { references: [to('json', 1)] }),
      ),
      withheld: [{ kind: 'withheld', subject: 'gone', version: 1, reason: '404' }],
    };
    const { held, missing, conflicts } = plan(asked, there(version('gone', 1, 4)));
    expect(names(held)).toEqual(['json 1', 'b 1', 'a 1', 'gone 1']);
    expect(held.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('type JSON'),
      'it refers to version 1 of json, which stays behind',
      'it refers to version 1 of b, which stays behind',
      expect.stringContaining('does not hand it out'),
    ]);
    expect([missing, conflicts]).toEqual([[], []]);
  });
});

describe('inOrder', () => {
  it('keeps versions of data.* in their order, whatever their ids are, and lets circles be', () => {
    const data = 'data.g01.a.b.v1-value';
    const found = inOrder(wanted(version(data, 2, 1), version('x', 2, 2), version('x', 1, 3), version(data, 1, 4)).versions);
    expect(names(found)).toEqual([`${data} 1`, `${data} 2`, 'x 2', 'x 1']);
    const circle = [version('a', 1, 1, { references: [to('b', 1)] }), version('b', 1, 2, { references: [to('a', 1)] })];
    expect(names(inOrder(wanted(...circle).versions))).toEqual(['b 1', 'a 1']);
  });

  it('registers all versions of a subject before one that refers to its latest', () => {
    const found = inOrder(wanted(version('a', 1, 1, { references: [to('b', -1)] }), version('b', 1, 2), version('b', 2, 3)).versions);
    expect(names(found).at(-1)).toBe('a 1');
  });

  it('does not overflow on long chains', () => {
    const chain = Array.from({ length: 20_000 }, (_, index) => version('data.g01.a.b.v1-value', 20_000 - index, index + 1));
    expect(inOrder(wanted(...chain).versions).map((each) => each.version)).toEqual(Array.from({ length: 20_000 }, (_, index) => index + 1));
  });
});
