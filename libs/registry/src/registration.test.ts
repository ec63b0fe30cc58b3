import type { Mode } from './mode.js';
import { planRegistration, type RegistrationState } from './registration.js';
import {
  a,
  b,
  global,
  permissive,
  platform,
  record,
  request,
  scopes,
  state,
  strict,
  topic,
  version,
  violation,
} from './registration.test-data.js';
import type { SubjectRules } from './subject-rules.js';

const refusal = (code: string, more: object = {}) => ({
  outcome: 'refused',
  refusal: expect.objectContaining({ code: `REGISTRY_${code}`, ...more }),
});
const fresh = { outcome: 'new', isNewSchema: true, superseded: [], warnings: [] };
const properties = (values: Record<string, string>) => ({ tags: {}, properties: values, sensitive: [] });

describe('planRegistration', () => {
  it('gives the next id and the next version', () => {
    const there = state('s-value', { versions: [version(1, record(a)), version(2, record(a, b), { isDeleted: true })] });
    expect(planRegistration(there, request(there, record(a, b)), null)).toEqual({ ...fresh, id: 8, version: 3 });
  });

  it('gives a schema the id that it has under another subject', () => {
    const there = state('s-value', { idsOfSchema: [3, 5] });
    expect(planRegistration(there, request(there, record(a)), null)).toMatchObject({ id: 3, version: 1, isNewSchema: false });
  });

  it('answers what is there, whatever the mode and whether or not a release has arrived', () => {
    for (const mode of ['READWRITE', 'READONLY'] as const) {
      const there = state(topic, { versions: [version(1, record(a))], idsOfSchema: [1], scopes: scopes(null, mode) });
      expect(planRegistration(there, request(there, record(a)), null)).toMatchObject({
        outcome: 'existing',
        version: { id: 1, version: 1 },
      });
    }
  });

  it('takes the place of its own deleted versions, which in data.* stay for the rules', () => {
    const versions = [version(1, record(a), { isDeleted: true, id: 4 }), version(2, record(a, b), { isDeleted: true })];
    const plan = (subject: string) => {
      const there = state(subject, { versions, idsOfSchema: [4] });
      return planRegistration(there, request(there, record(a)), permissive);
    };
    expect(plan('s')).toMatchObject({ id: 4, version: 3, isNewSchema: false, superseded: [1] });
    expect(plan(topic)).toMatchObject({ id: 4, version: 3, superseded: [] });
  });

  it('refuses a caller of another agency first (D6)', () => {
    const caller = { name: 'lan', agencySlug: 'g01-2' };
    for (const subject of [topic, 'view.aa-value', 'quarantine.g01-2.x-value', 'receipts-value', 'other', ':.own:data.g01-2.x.v1-value']) {
      expect(planRegistration(state(subject), request(state(subject), record(a), { caller }), permissive)).toEqual(
        refusal('INVALID_SCHEMA', { errorCode: 42201, httpStatus: 422, violations: [expect.objectContaining({ rule: 'D6' })] }),
      );
    }
    const own = state('data.g01-2.x.v1-value');
    expect(planRegistration(own, request(own, record(a), { caller }), permissive)).toMatchObject({ outcome: 'new' });
  });

  it("lets a dataset's schema refer to its own agency and to the platform, and to nobody else, whoever registers it and in every mode (D6)", () => {
    const refersTo = (...subjects: string[]) => ({
      text: record(a),
      references: subjects.map((subject) => ({ name: 'C', subject, version: 1 })),
    });
    const plan = (
      subject: string,
      asked: ReturnType<typeof refersTo>,
      mode: Mode | null = null,
      rules: SubjectRules | null = permissive,
    ) => {
      const there = state(subject, { scopes: scopes(null, mode) });
      return planRegistration(there, request(there, asked, { id: mode === null ? null : 3 }), rules);
    };
    const foreign = 'data.g02.x.v1-value';
    const d6 = expect.objectContaining({ rule: 'D6', found: `${foreign} 1`, expected: expect.stringContaining('data.g01.*') });
    for (const rules of [permissive, null])
      expect(plan(topic, refersTo('receipts-value', foreign), null, rules)).toEqual(
        refusal('INVALID_SCHEMA', { errorCode: 42201, violations: [d6] }),
      );
    expect(plan(topic, refersTo(foreign), 'IMPORT')).toEqual(refusal('INVALID_SCHEMA', { violations: [d6] }));
    expect(plan(topic, refersTo(foreign, 'data.g02.y.v1-value'), null, strict)).toMatchObject({
      refusal: { violations: [{}, {}, violation, {}] },
    });
    const stranger = request(state(topic), refersTo(foreign), { caller: { name: 'lan', agencySlug: 'g02' } });
    expect(planRegistration(state(topic), stranger, permissive)).toMatchObject({ refusal: { violations: [{ rule: 'D6' }, d6] } });
    expect(plan(topic, refersTo('data.g01.other.v1-value', 'receipts-value', 'shared', ':.x:shared'))).toMatchObject({ outcome: 'new' });
    expect(plan('view.aa-value', refersTo(topic))).toMatchObject({ outcome: 'new' });
    expect(plan('receipts-value', refersTo(topic))).toMatchObject({ outcome: 'new' });
  });

  it('tells a caller of another agency everything else as well', () => {
    const asked = request(state(topic), record(a), { caller: { name: 'lan', agencySlug: 'g02' } });
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
      expect(planRegistration(state(subject), request(state(subject), record(a)), null)).toEqual(
        refusal('DICTIONARY_NOT_LOADED', { retry: true, httpStatus: 503 }),
      );
    },
  );

  it('lists every violation, in every mode', () => {
    for (const mode of [null, 'IMPORT'] as const) {
      const there = state(topic, { scopes: scopes(null, mode) });
      expect(planRegistration(there, request(there, record(a), { id: mode === null ? null : 3 }), strict)).toEqual(
        refusal('INVALID_SCHEMA', { violations: [violation, expect.objectContaining({ path: 'after.y' })] }),
      );
    }
    const free = state('receipts-value');
    expect(planRegistration(free, request(free, record(a)), strict)).toMatchObject({ outcome: 'new' });
  });

  it('holds protected subjects to FULL_TRANSITIVE over all versions, deleted ones too, whatever is set and asked for', () => {
    const c = { name: 'c', type: 'int' };
    const versions = [version(1, record(a, c), { isDeleted: true }), version(2, record(a))];
    const loose = { compatibilityLevel: 'NONE', compatibilityGroup: 'major' } as const;
    for (const set of [scopes(loose), global(loose), { ...scopes(null), everywhere: scopes(loose).own }]) {
      const there = state(topic, { versions, scopes: set });
      const asked = request(there, { text: record(a, b), metadata: properties({ major: '2' }) }, { force: true });
      expect(planRegistration(there, asked, permissive)).toEqual(refusal('INCOMPATIBLE', { httpStatus: 409, errorCode: 409 }));
    }
    const free = state('s-value', { versions, scopes: scopes({ compatibilityLevel: 'FULL' }) });
    expect(planRegistration(free, request(free, record(a, b)), permissive)).toMatchObject({ outcome: 'new', version: 3 });
  });

  it('judges by the level of the subject, then of its context, then of all, then BACKWARD', () => {
    const versions = [version(1, record(a))];
    const outcome = (subject: string, over: Partial<RegistrationState> = {}) => {
      const there = state(subject, { versions, ...over });
      return planRegistration(there, request(there, record(a, { name: 'c', type: 'int' })), null).outcome;
    };
    expect(outcome('s')).toBe('refused');
    expect(outcome('s', { scopes: scopes({ compatibilityLevel: 'FORWARD' }) })).toBe('new');
    expect(outcome('s', { scopes: global({ compatibilityLevel: 'NONE' }) })).toBe('new');
    expect(outcome(':.c:s', { scopes: { ...scopes(null), all: global({ compatibilityLevel: 'NONE' }).all } })).toBe('refused');
    expect(outcome(':.c:s', { scopes: { ...scopes(null), everywhere: scopes({ compatibilityLevel: 'NONE' }).own } })).toBe('new');
  });

  it('compares within a compatibility group alone, and leaves compatibility out by force', () => {
    const versions = [version(1, record(a), { metadata: properties({ major: '1' }) })];
    const there = state('s', { versions, scopes: scopes({ compatibilityGroup: 'major' }) });
    const other = { text: record({ name: 'z', type: 'int' }) };
    expect(planRegistration(there, request(there, { ...other, metadata: properties({ major: '2' }) }), null)).toMatchObject({
      outcome: 'new',
    });
    expect(planRegistration(there, request(there, { ...other, metadata: properties({ major: '1' }) }), null)).toEqual(
      refusal('INCOMPATIBLE'),
    );
    expect(planRegistration(there, request(there, other, { force: true }), null)).toMatchObject({ outcome: 'new' });
  });

  it('tells what is incompatible with which version, and by which settings', () => {
    const there = state('s', { versions: [version(3, record(a))] });
    const plan = planRegistration(there, request(there, record(a, { name: 'c', type: 'int' })), null);
    if (plan.outcome !== 'refused') throw new Error(plan.outcome);
    expect(plan.refusal.messages).toEqual([
      expect.stringMatching(
        /^\{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE', description:'.*\/fields\/1.*', additionalInfo:'c'\}$/,
      ) as string,
      '{oldSchemaVersion: 3}',
      `{oldSchema: '${record(a)}'}`,
      "{validateFields: 'false', compatibility: 'BACKWARD'}",
    ]);
    expect(plan.refusal.message).toMatch(
      /^Schema being registered is incompatible with an earlier schema for subject "s", details: \[\{errorType/,
    );
  });

  it('keeps fields free that the metadata reserve, where it is told to', () => {
    const reserving = properties({ 'confluent:reserved': 'x, y' });
    const there = state('s', { versions: [version(1, record(a), { metadata: reserving })], scopes: scopes({ validateFields: true }) });
    const outcome = (text: string, metadata: typeof reserving) => planRegistration(there, request(there, { text, metadata }), null);
    expect(outcome(record(a, b), reserving)).toMatchObject({ outcome: 'new' });
    expect(outcome(record(a, { ...b, name: 'x' }), reserving)).toEqual(refusal('INCOMPATIBLE'));
    expect(outcome(record(a, b), properties({ 'confluent:reserved': 'x' }))).toEqual(refusal('INCOMPATIBLE'));
  });

  it('takes the next version by its number, and no other', () => {
    const there = state('s', { versions: [version(1, record(a))] });
    expect(planRegistration(there, request(there, record(a, b), { version: 2 }), null)).toMatchObject({ outcome: 'new', version: 2 });
    expect(planRegistration(there, request(there, record(a, b), { version: 3 }), null)).toEqual(
      refusal('INVALID_SCHEMA', { errorCode: 42201, message: expect.stringContaining('not one more') as string }),
    );
  });

  describe('in IMPORT mode', () => {
    const importing = (over: Partial<RegistrationState> = {}) => state('s', { ...over, scopes: scopes(null, 'IMPORT') });
    const plan = (there: RegistrationState, text: string, over: Parameters<typeof request>[2]) =>
      planRegistration(there, request(there, text, over), null);

    it('keeps the ids and versions of elsewhere, in any order, and a second id of the same schema', () => {
      const versions = [version(5, record(a))];
      expect(plan(importing(), record(a), { id: 42, version: 5 })).toEqual({ ...fresh, id: 42, version: 5 });
      expect(plan(importing({ versions }), record(a, b), { id: 9, version: 4 })).toEqual({ ...fresh, id: 9, version: 4 });
      expect(plan(importing({ idsOfSchema: [2] }), record(a), { id: 3 })).toMatchObject({ ...fresh, id: 3 });
      expect(plan(importing({ idsOfSchema: [2], requestedId: 'this schema' }), record(a), { id: 2 })).toMatchObject({
        id: 2,
        isNewSchema: false,
      });
    });

    it('answers what came before with what is there, and revives what was deleted', () => {
      const versions = [version(5, record(a), { id: 42 })];
      const again = { id: 42, version: 5 };
      expect(plan(importing({ versions, idsOfSchema: [42], requestedId: 'this schema' }), record(a), again)).toMatchObject({
        outcome: 'existing',
      });
      const deleted = versions.map((each) => ({ ...each, isDeleted: true }));
      expect(plan(importing({ versions: deleted, idsOfSchema: [42], requestedId: 'this schema' }), record(a), again)).toMatchObject({
        outcome: 'new',
        ...again,
      });
    });

    it('takes no id and no version after which none would be left', () => {
      const most = 2_000_000_000;
      expect(plan(importing(), record(a), { id: most, version: most })).toMatchObject({ outcome: 'new', id: most, version: most });
      for (const [over, named] of [
        [{ id: 2 ** 31 - 1, version: 1 }, 'Id 2147483647'],
        [{ id: 1, version: 2 ** 31 - 1 }, 'Version 2147483647'],
      ] as const) {
        const message = expect.stringMatching(new RegExp(`^${named}.*at most ${most}$`));
        expect(plan(importing(), record(a), over)).toMatchObject({ outcome: 'refused', refusal: { errorCode: 42205, message } });
      }
    });

    it('takes nothing without an id, no id of another schema and no version of another one', () => {
      const versions = [version(5, record(a))];
      const notImporting = state('s');
      const readOnly = state('s', { scopes: scopes(null, 'READONLY') });
      for (const refused of [
        plan(importing(), record(a), {}),
        plan(importing(), record(a), { id: 0 }),
        plan(importing({ requestedId: 'another schema' }), record(a), { id: 3 }),
        plan(importing({ versions }), record(a, b), { id: 9, version: 5 }),
        plan(notImporting, record(a), { id: 3 }),
        plan(readOnly, record(a), {}),
        plan(state('s', { scopes: global(null, 'READONLY_OVERRIDE') }), record(a), {}),
        plan(state('s', { scopes: { ...scopes(null, 'READWRITE'), all: global(null, 'READONLY_OVERRIDE').all } }), record(a), {}),
      ]) {
        expect(refused).toEqual(refusal('OPERATION_NOT_PERMITTED', { errorCode: 42205 }));
      }
    });

    it('leaves compatibility out, but never for protected subjects', () => {
      const versions = [version(1, record(a))];
      const next = record({ name: 'z', type: 'int' });
      expect(plan(importing({ versions }), next, { id: 9 })).toMatchObject({ outcome: 'new' });
      const there = { ...importing({ versions }), subject: topic };
      expect(planRegistration(there, request(there, next, { id: 9, caller: platform }), permissive)).toEqual(refusal('INCOMPATIBLE'));
    });
  });
});

describe('what is not sent with a schema', () => {
  it('is that of the version before: text, metadata and rules', () => {
    const ruleSet = { migrationRules: [], domainRules: [], encodingRules: [], enableAt: 'x' };
    const versions = [version(1, record(a), { metadata: properties({ owner: 'x' }), ruleSet })];
    const there = state('s', { versions });
    expect(request(there, { metadata: properties({ owner: 'y' }) }).kept).toMatchObject({
      text: record(a),
      metadata: properties({ owner: 'y' }),
      ruleSet,
    });
    // The same schema without metadata is the version that has them.
    expect(planRegistration(there, request(there, record(a)), null)).toMatchObject({ outcome: 'existing', version: { version: 1 } });
    expect(planRegistration(there, request(there, record(a, b)), null)).toMatchObject({ outcome: 'new', version: 2 });
    expect(request(there, record(a, b)).kept).toMatchObject({ metadata: properties({ owner: 'x' }), ruleSet });
  });

  it('may not be everything, and in IMPORT mode nothing is filled in', () => {
    expect(() => request(state('s'), ' ')).toThrow(expect.objectContaining({ errorCode: 42201 }));
    const importing = state('s', {
      versions: [version(1, record(a), { metadata: properties({ owner: 'x' }) })],
      scopes: scopes(null, 'IMPORT'),
    });
    expect(() => request(importing, '', { id: 4 })).toThrow(expect.objectContaining({ errorCode: 42201 }));
    expect(request(importing, record(a, b), { id: 4 }).kept.metadata).toBeNull();
  });

  it('goes under what the settings demand and over what they default to', () => {
    const set = scopes({ defaultMetadata: properties({ owner: 'x', level: '1' }), overrideMetadata: properties({ level: '3' }) });
    const there = state('s', { scopes: set });
    expect(request(there, { text: record(a), metadata: properties({ owner: 'me', level: '2' }) }).kept.metadata).toEqual(
      properties({ level: '3', owner: 'me' }),
    );
    expect(request(there, record(a)).kept.metadata).toEqual(properties({ level: '3', owner: 'x' }));
  });

  it('notes the version where one is asked for, and finds it with or without', () => {
    const there = state('s', { versions: [version(1, record(a))] });
    const asked = request(there, record(a, b), { version: 2 });
    expect(asked.kept.metadata).toEqual(properties({ 'confluent:version': '2' }));
    const noted = state('s', { versions: [...there.versions, version(2, record(a, b), { metadata: asked.kept.metadata })] });
    expect(planRegistration(noted, request(noted, record(a, b)), null)).toMatchObject({ outcome: 'existing', version: { version: 2 } });
    expect(planRegistration(noted, request(noted, record(a, b), { version: 'latest' }), null)).toMatchObject({ outcome: 'existing' });
    expect(planRegistration(noted, request(noted, record(a, b, { ...b, name: 'c' })), null)).toMatchObject({ outcome: 'new', version: 3 });
    expect(request(noted, record(a, b, { ...b, name: 'c' })).kept.metadata).toEqual(properties({ 'confluent:version': '3' }));
  });
});
