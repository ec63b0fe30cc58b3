import { planRegistration } from './registration.js';
import { a, b, permissive, record, request, scopes, state, topic, version } from './registration.test-data.js';

const properties = (values: Record<string, string>) => ({ tags: {}, properties: values, sensitive: [] });
const noted = (number: number, more: Record<string, string> = {}) => properties({ ...more, 'confluent:version': String(number) });
const c = { ...b, name: 'c' };

describe('a schema that is registered again', () => {
  it('stays the version that it is, where the settings add to it and its metadata note the version', () => {
    const settings = scopes({ defaultMetadata: properties({ team: 'x' }) });
    const there = state('s', { scopes: settings, versions: [version(1, record(a), { metadata: noted(1, { team: 'x' }) })] });
    expect(planRegistration(there, request(there, record(a)), null)).toMatchObject({ outcome: 'existing', version: { version: 1 } });
    expect(planRegistration(there, request(there, record(a, b)), null)).toMatchObject({ outcome: 'new', version: 2 });
    // Who asks for the next version gets it.
    expect(planRegistration(there, request(there, record(a), { version: 2 }), null)).toMatchObject({ outcome: 'new', version: 2 });
    expect(planRegistration(there, request(there, record(a), { isNoted: true }), null)).toMatchObject({ outcome: 'new', version: 2 });
  });

  it('is found behind a later one that notes its version too', () => {
    const owner = { owner: 'x' };
    const versions = [version(1, record(a), { metadata: noted(1, owner) }), version(2, record(a, b), { metadata: noted(2, owner) })];
    const there = state('s', { versions });
    expect(planRegistration(there, request(there, record(a)), null)).toMatchObject({ outcome: 'existing', version: { version: 1 } });
    expect(planRegistration(there, request(there, { text: record(a), metadata: properties({ owner: 'y' }) }), null)).toMatchObject({
      outcome: 'new',
      version: 3,
    });
  });
});

describe('the versions of a subject', () => {
  const full = (problem: RegExp) => ({ outcome: 'refused', refusal: { errorCode: 42205, message: expect.stringMatching(problem) } });

  it.each(['s', topic])('of %s are a thousand at most, deleted ones among them', (subject) => {
    const versions = Array.from({ length: 1_000 }, (_, index) => version(index + 1, record(a), { id: 1, isDeleted: index % 2 === 0 }));
    const there = state(subject, { versions });
    expect(planRegistration(there, request(there, record(a, b)), permissive)).toMatchObject(full(/they are 1000, and may be 1000/));
    const before = { ...there, versions: versions.slice(1) };
    expect(planRegistration(before, request(before, record(a, b)), permissive)).toMatchObject({ outcome: 'new', version: 1001 });
    // What is there is found, and in IMPORT mode it comes back as it was.
    expect(planRegistration(there, request(there, record(a)), permissive)).toMatchObject({ outcome: 'existing' });
    const importing = { ...there, scopes: scopes(null, 'IMPORT'), requestedId: 'this schema' as const };
    expect(planRegistration(importing, request(importing, record(a), { id: 1, version: 1 }), permissive)).toMatchObject({ outcome: 'new' });
  });

  it('have sixteen mebibytes at most, with all that is told of them', () => {
    const versions = [version(1, record(a), { bytes: 16 * 1024 * 1024 - 1_000 })];
    const there = state('s', { versions });
    expect(planRegistration(there, request(there, record(a, b)), null)).toMatchObject({ outcome: 'new' });
    const metadata = properties({ long: 'x'.repeat(1_000) });
    expect(planRegistration(there, request(there, { text: record(a, b, c), metadata }), null)).toMatchObject(
      full(/with this one they have 1677\d{4} bytes, and may have 16777216/),
    );
  });
});
