import { planSubjectDeletion, planVersionDeletion, type DeletableVersion, type DeletionState } from './deletion.js';
import { planImport } from './mode.js';
import { permissive, scopes, strict, topic } from './registration.test-data.js';
import { noScopes } from './scope.js';

const deletable = (subject: string, ...deleted: boolean[]): DeletionState => ({
  subject,
  versions: deleted.map((isDeleted, index) => ({ version: index + 1, isDeleted, referrers: [], deletedReferrers: [] })),
  scopes: noScopes,
});
const referred = (state: DeletionState, over: Partial<DeletableVersion>): DeletionState => ({
  ...state,
  versions: state.versions.map((version) => ({ ...version, ...over })),
});
const code = (errorCode: number) => expect.objectContaining({ errorCode });

describe('deletion', () => {
  it('is soft first, then for good', () => {
    expect(planSubjectDeletion(deletable('s', true, false, false), false, null)).toEqual([2, 3]);
    expect(planSubjectDeletion(deletable('s', true, true), true, null)).toEqual([1, 2]);
    expect(() => planSubjectDeletion(deletable('s', true, false), true, null)).toThrow(code(40405));
    expect(() => planSubjectDeletion(deletable('s', true), false, null)).toThrow(code(40404));
    expect(() => planSubjectDeletion(deletable('s'), false, null)).toThrow(code(40401));
    expect(planVersionDeletion(deletable('s', false, false), 'latest', false, null)).toBe(2);
    expect(() => planVersionDeletion(deletable('s', true), 1, false, null)).toThrow(code(40406));
    expect(() => planVersionDeletion(deletable('s', false), 1, true, null)).toThrow(code(40407));
    expect(() => planVersionDeletion(deletable('s', false), 2, false, null)).toThrow(code(40402));
    expect(() => planVersionDeletion(deletable('s', true), 'latest', true, null)).toThrow(
      expect.objectContaining({ errorCode: 40402, message: 'Version -1 not found.' }),
    );
  });

  it('leaves alone what others refer to, before it asks whether it was deleted softly', () => {
    const live = referred(deletable('s', false), { referrers: ['t'] });
    expect(() => planSubjectDeletion(live, false, null)).toThrow(code(42206));
    expect(() => planSubjectDeletion(live, true, null)).toThrow(code(42206));
    expect(() => planVersionDeletion(live, 1, true, null)).toThrow(code(42206));
    // A referrer that was deleted softly may come back: what it refers to may be hidden, and not go.
    const softly = (...deleted: boolean[]) => referred(deletable('s', ...deleted), { deletedReferrers: ['t'] });
    expect(planVersionDeletion(softly(false), 1, false, null)).toBe(1);
    expect(() => planVersionDeletion(softly(true), 1, true, null)).toThrow(code(42206));
    // A whole subject may refer to itself.
    expect(planSubjectDeletion(referred(deletable('s', true, true), { deletedReferrers: ['s'] }), true, null)).toEqual([1, 2]);
  });

  it('leaves alone what is read-only, before it looks for references', () => {
    for (const mode of ['READONLY', 'READONLY_OVERRIDE'] as const) {
      const readOnly = { ...referred(deletable('s', false), { referrers: ['t'] }), scopes: scopes(null, mode) };
      expect(() => planSubjectDeletion(readOnly, false, null)).toThrow(code(42205));
      expect(() => planVersionDeletion(readOnly, 1, false, null)).toThrow(code(42205));
      expect(() => planVersionDeletion(readOnly, 2, false, null)).toThrow(code(40402));
    }
  });

  it('keeps versions that the log may still need (D11)', () => {
    const refused = expect.objectContaining({ errorCode: 42201, violations: [expect.objectContaining({ rule: 'D11' })] });
    expect(() => planSubjectDeletion(deletable(topic, true), true, strict)).toThrow(refused);
    expect(() => planVersionDeletion(deletable(topic, true), 1, true, null)).toThrow(code(50302));
    expect(planVersionDeletion(deletable(topic, true), 1, true, permissive)).toBe(1);
    expect(planSubjectDeletion(deletable(topic, false), false, strict)).toEqual([1]);
    const version = { subject: topic, version: 1, isDeleted: true, isReferenced: false, isReadOnly: false };
    expect(() => planImport([version], strict)).toThrow(refused);
    expect(planImport([version], permissive)).toEqual([version]);
  });
});
