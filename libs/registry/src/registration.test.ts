import type { CompatibilityLevel } from '@truc/avro';
import { planRegistration, ruleViolations, type RegistrationRequest, type RegistrationState, type SubjectVersion } from './registration.js';
import type { BeyondLimits } from './refusal.js';
import { readSchema } from './schema-document.js';
import { noSettings, planLevel, planMode, type Mode } from './settings.js';
import type { SubjectRules } from './subject-rules.js';
import { planSubjectDeletion, planVersionDeletion, type DeletionState } from './deletion.js';

const record = (...fields: object[]): string => JSON.stringify({ type: 'record', name: 'R', fields });
const a = { name: 'a', type: 'string' };
const b = { name: 'b', type: ['null', 'string'], default: null };
const platform = { name: 'root', agencySlug: null };
const permissive: SubjectRules = { judge: () => ({ violations: [], warnings: [] }), neededBy: () => [] };
const violation = { rule: 'D1', path: 'after.x', element: null, expected: 'an element', found: 'none', hint: 'name one' };
const strict: SubjectRules = {
  judge: () => ({ violations: [violation, { ...violation, path: 'after.y' }], warnings: [] }),
  neededBy: () => ['the dataset x'],
};

const version = (number: number, text: string, isDeleted = false, id = number): SubjectVersion => ({
  version: number,
  id,
  schema: readSchema('s', text).schema,
  isDeleted,
});
const state = (
  subject: string,
  over: Partial<RegistrationState> & { mode?: Mode; level?: CompatibilityLevel } = {},
): RegistrationState => ({
  subject,
  versions: [],
  settings: { level: over.level ?? null, mode: over.mode ?? null },
  globalSettings: noSettings,
  idOfSchema: null,
  lastId: 7,
  isRequestedIdTaken: false,
  ...over,
});
const request = (text: string, over: Partial<RegistrationRequest> = {}): RegistrationRequest => ({
  document: readSchema('s', text),
  caller: platform,
  id: null,
  version: null,
  ...over,
});
const refusal = (code: string, more: object = {}) => ({
  outcome: 'refused',
  refusal: expect.objectContaining({ code: `REGISTRY_${code}`, ...more }),
});

const topic = 'data.g01.population.resident.v1-value';

describe('planRegistration', () => {
  it('gives the next id and the next version', () => {
    expect(
      planRegistration(
        state('s-value', { versions: [version(1, record(a)), version(2, record(a, b), true)] }),
        request(record(a, b)),
        null,
      ),
    ).toEqual({
      outcome: 'new',
      id: 8,
      version: 3,
      isNewSchema: true,
      warnings: [],
    });
  });

  it('gives a schema the id that it has under another subject', () => {
    expect(planRegistration(state('s-value', { idOfSchema: 3 }), request(record(a)), null)).toMatchObject({
      id: 3,
      version: 1,
      isNewSchema: false,
    });
  });

  it('answers what is there, whatever the mode and whether or not a release has arrived', () => {
    const there = { versions: [version(1, record(a))], idOfSchema: 1 };
    for (const mode of ['READWRITE', 'READONLY'] as const) {
      expect(planRegistration(state(topic, { ...there, mode }), request(record(a)), null)).toEqual({
        outcome: 'existing',
        id: 1,
        version: 1,
      });
    }
  });

  it('refuses a caller of another agency first (D6)', () => {
    const caller = { name: 'lan', agencySlug: 'g01-2' };
    for (const subject of [topic, 'view.aa-value', 'quarantine.g01-2.x-value', 'receipts-value', 'other']) {
      expect(planRegistration(state(subject), request(record(a), { caller }), permissive)).toEqual(
        refusal('INVALID_SCHEMA', { errorCode: 42201, httpStatus: 422, violations: [expect.objectContaining({ rule: 'D6' })] }),
      );
    }
    expect(planRegistration(state('data.g01-2.x.v1-value'), request(record(a), { caller }), permissive)).toMatchObject({ outcome: 'new' });
  });

  it('tells a caller of another agency everything else as well', () => {
    const asked = request(record(a), { caller: { name: 'lan', agencySlug: 'g02' } });
    const all = [expect.objectContaining({ rule: 'D6' }), violation, expect.objectContaining({ path: 'after.y' })];
    expect(planRegistration(state(topic), asked, strict)).toEqual(refusal('INVALID_SCHEMA', { violations: all }));
    const inVietnamese = planRegistration(state(topic), { ...asked, language: 'vi' }, strict);
    expect(inVietnamese).toMatchObject({
      refusal: {
        message: expect.stringMatching(/vi phạm 3 quy tắc/) as string,
        violations: [{ hint: expect.stringMatching(/cơ quan/) as string }, {}, {}],
      },
    });
  });

  it.each([topic, 'view.aa-value', 'data.g01.x.v1', 'data-value', 'data', 'view'])(
    'keeps %s closed until a release has arrived',
    (subject) => {
      expect(planRegistration(state(subject), request(record(a)), null)).toEqual(
        refusal('DICTIONARY_NOT_LOADED', { retry: true, httpStatus: 503 }),
      );
    },
  );

  it('lists every violation, in every mode', () => {
    for (const over of [{}, { mode: 'IMPORT' as const }]) {
      const asked = request(record(a), { id: over.mode === undefined ? null : 3 });
      expect(planRegistration(state(topic, over), asked, strict)).toEqual(
        refusal('INVALID_SCHEMA', { violations: [violation, expect.objectContaining({ path: 'after.y' })] }),
      );
    }
    expect(planRegistration(state('receipts-value'), request(record(a)), strict)).toMatchObject({ outcome: 'new' });
  });

  it('holds protected subjects to FULL_TRANSITIVE over all versions, deleted ones too, whatever is set', () => {
    const versions = [version(1, record(a, { name: 'c', type: 'int' }), true), version(2, record(a))];
    for (const level of ['NONE', 'BACKWARD'] as const) {
      const over = { versions, level, globalSettings: { level: 'NONE' as const, mode: null } };
      expect(planRegistration(state(topic, over), request(record(a, b)), permissive)).toEqual(
        refusal('INCOMPATIBLE', { httpStatus: 409, errorCode: 409 }),
      );
    }
    const free = planRegistration(state('s-value', { versions, level: 'FULL' }), request(record(a, b)), permissive);
    expect(free).toMatchObject({ outcome: 'new', version: 3 });
  });

  it('judges by the subject level, then the global one, then BACKWARD', () => {
    const versions = [version(1, record(a))];
    const next = request(record(a, { name: 'c', type: 'int' }));
    expect(planRegistration(state('s', { versions }), next, null)).toEqual(refusal('INCOMPATIBLE'));
    expect(planRegistration(state('s', { versions, level: 'FORWARD' }), next, null)).toMatchObject({ outcome: 'new' });
    expect(planRegistration(state('s', { versions, globalSettings: { level: 'NONE', mode: null } }), next, null)).toMatchObject({
      outcome: 'new',
    });
  });

  describe('in IMPORT mode', () => {
    const importing = (over: Partial<RegistrationState> = {}) => state('s', { ...over, mode: 'IMPORT' });

    it('keeps the ids and versions of elsewhere', () => {
      expect(planRegistration(importing(), request(record(a), { id: 42, version: 5 }), null)).toMatchObject({
        outcome: 'new',
        id: 42,
        version: 5,
      });
    });

    it('takes nothing without an id, no id of another schema, no second id and no earlier version', () => {
      const versions = [version(5, record(a))];
      for (const plan of [
        planRegistration(importing(), request(record(a)), null),
        planRegistration(importing({ isRequestedIdTaken: true }), request(record(a), { id: 3 }), null),
        planRegistration(importing({ idOfSchema: 2 }), request(record(a), { id: 3 }), null),
        planRegistration(importing({ versions }), request(record(a, b), { id: 9, version: 4 }), null),
        planRegistration(state('s'), request(record(a), { id: 3 }), null),
        planRegistration(state('s'), request(record(a), { version: 3 }), null),
        planRegistration(state('s', { mode: 'READONLY' }), request(record(a)), null),
      ]) {
        expect(plan).toEqual(refusal('OPERATION_NOT_PERMITTED', { errorCode: 42205 }));
      }
    });

    it('leaves compatibility out, but never for protected subjects', () => {
      const versions = [version(1, record(a))];
      const next = request(record({ name: 'z', type: 'int' }), { id: 9 });
      expect(planRegistration(importing({ versions }), next, null)).toMatchObject({ outcome: 'new' });
      expect(planRegistration({ ...importing({ versions }), subject: topic }, next, permissive)).toEqual(refusal('INCOMPATIBLE'));
    });
  });
});

describe('readSchema', () => {
  it('gives equal schemas one fingerprint', () => {
    const spread = JSON.stringify({ fields: [{ type: { type: 'string' }, name: 'a' }], name: 'R', type: 'record' }, null, 2);
    expect(readSchema('s', spread).fingerprint).toBe(readSchema('s', record(a)).fingerprint);
    expect(readSchema('s', record({ ...a, doc: 'x' })).fingerprint).not.toBe(readSchema('s', record(a)).fingerprint);
  });

  it('resolves names by references, shared ones too', () => {
    const c = '{"type":"record","name":"C","fields":[{"name":"x","type":"int"}]}';
    const d = '{"type":"record","name":"D","fields":[{"name":"c","type":"C"}]}';
    const text = record({ name: 'c', type: 'C' }, { name: 'd', type: 'D' });
    const read = readSchema('s', text, [{ name: 'D', subject: 'd', version: 1 }], [c, d]);
    expect(read.schema).toMatchObject({ name: 'R', fields: [{ schema: { name: 'C' } }, { schema: { name: 'D' } }] });
    expect(readSchema('s', read.normalised).schema).toEqual(read.schema);
  });

  it.each(['', '{', '"nothing"', '{"type":"record"}', '},{"name":"x","type":"int"'])('refuses %s as no Avro', (text) => {
    expect(() => readSchema('s', text)).toThrow(expect.objectContaining({ code: 'REGISTRY_INVALID_SCHEMA', violations: [] }));
    expect(() => readSchema('s', text, [{ name: 'C', subject: 'c', version: 1 }], ['"int"'])).toThrow(
      expect.objectContaining({ code: 'REGISTRY_INVALID_SCHEMA' }),
    );
  });

  it('refuses what is beyond the limits as a violation of D12', () => {
    const many = record(...Array.from({ length: 1001 }, (_, index) => ({ name: `f${index}`, type: 'int' })));
    const deep = `${'{"type":"array","items":'.repeat(40)}"int"${'}'.repeat(40)}`;
    for (const text of [many, deep, JSON.stringify({ type: 'enum', name: 'E', symbols: ['đ'] }), ' '.repeat(70_000) + '"int"']) {
      expect(() => readSchema('s', text)).toThrow(
        expect.objectContaining({ errorCode: 42201, violations: [expect.objectContaining({ rule: 'D12' })] }),
      );
    }
  });
});

describe('ruleViolations', () => {
  it('tells limits that are broken among the rest', () => {
    const text = record(a, { name: 'họ', type: 'string' }, { name: 'tên', type: { type: 'array', items: 'null' } });
    let caught: unknown;
    try {
      readSchema(topic, text, [], [], 'vi');
    } catch (error) {
      caught = error;
    }
    const { reading, violations } = caught as BeyondLimits;
    const limits = ['$.fields[1].name', '$.fields[2].name', '$.fields[2].type.items'].map((path) => ({ rule: 'D12', path }));
    expect(violations).toMatchObject(limits);
    expect(violations[0]?.hint).toMatch(/lược đồ tối đa/);
    const asked: unknown[] = [];
    const rules: SubjectRules = {
      judge: (candidate) => {
        asked.push(candidate.reading.limits.length, candidate.language);
        return { violations: [violation], warnings: [] };
      },
      neededBy: () => [],
    };
    const caller = { name: 'lan', agencySlug: 'g02' };
    expect(ruleViolations(state(topic), reading, caller, rules, 'vi')).toMatchObject([{ rule: 'D6' }, violation]);
    expect(asked).toEqual([3, 'vi']);
    for (const [subject, known] of [
      [topic, null],
      ['free-value', rules],
    ] as const) {
      expect(ruleViolations(state(subject), reading, platform, known, 'en')).toMatchObject(limits);
    }
  });

  it('places them in the schema itself where it refers to others', () => {
    const broken = record({ name: 'c', type: 'C' }, { name: 'ø', type: 'int' });
    const c = '{"type":"record","name":"C","fields":[]}';
    expect(() => readSchema('s', broken, [{ name: 'C', subject: 'c', version: 1 }], [c])).toThrow(
      expect.objectContaining({ violations: [expect.objectContaining({ rule: 'D12', path: '$.fields[1].name' })] }),
    );
  });
});

describe('settings', () => {
  it('refuses a level below FULL_TRANSITIVE for protected subjects (D11)', () => {
    for (const level of ['NONE', 'BACKWARD', 'FULL', 'full']) {
      expect(() => planLevel(topic, level)).toThrow(expect.objectContaining({ violations: [expect.objectContaining({ rule: 'D11' })] }));
    }
    expect(planLevel(topic, 'FULL_TRANSITIVE')).toBe('FULL_TRANSITIVE');
    expect(planLevel('s', 'none')).toBe('NONE');
    for (const level of ['EVERYTHING', undefined, 4, {}])
      expect(() => planLevel('s', level)).toThrow(expect.objectContaining({ errorCode: 42203 }));
  });

  it('enters IMPORT only while there is nothing', () => {
    expect(planMode('s', 'import', true)).toBe('IMPORT');
    expect(() => planMode('s', 'IMPORT', false)).toThrow(expect.objectContaining({ errorCode: 42205 }));
    expect(planMode('s', 'READONLY', false)).toBe('READONLY');
    expect(() => planMode('s', 'FORWARD', true)).toThrow(expect.objectContaining({ errorCode: 42204 }));
  });
});

describe('deletion', () => {
  const deletable = (subject: string, ...deleted: boolean[]): DeletionState => ({
    subject,
    versions: deleted.map((isDeleted, index) => ({ version: index + 1, isDeleted, isReferenced: false })),
    settings: noSettings,
    globalSettings: noSettings,
  });
  const code = (errorCode: number) => expect.objectContaining({ errorCode });

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
  });

  it('leaves alone what others refer to, and what is read-only', () => {
    const referenced = { ...deletable('s'), versions: [{ version: 1, isDeleted: false, isReferenced: true }] };
    expect(() => planSubjectDeletion(referenced, false, null)).toThrow(code(42206));
    expect(() => planSubjectDeletion({ ...deletable('s', false), settings: { level: null, mode: 'READONLY' } }, false, null)).toThrow(
      code(42205),
    );
  });

  it('keeps versions that the log may still need (D11)', () => {
    expect(() => planSubjectDeletion(deletable(topic, true), true, strict)).toThrow(
      expect.objectContaining({ errorCode: 42201, violations: [expect.objectContaining({ rule: 'D11' })] }),
    );
    expect(() => planVersionDeletion(deletable(topic, true), 1, true, null)).toThrow(code(50302));
    expect(planVersionDeletion(deletable(topic, true), 1, true, permissive)).toBe(1);
    expect(planSubjectDeletion(deletable(topic, false), false, strict)).toEqual([1]);
  });
});
