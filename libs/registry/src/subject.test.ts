import { besideSubject, canonicalSubject, checkSubject, parseVersion, subjectName, subjectParts } from './subject.js';

const invalid = (errorCode: number) => expect.objectContaining({ errorCode });

describe('the name of a subject', () => {
  it.each([
    ['orders', '.', 'orders'],
    [':.:orders', '.', 'orders'],
    [':.staging:orders', '.staging', 'orders'],
    [':.staging:', '.staging', ''],
    [':.staging', '.staging', ''],
    [':*:orders', '*', 'orders'],
    [':orders', '.', ':orders'],
    [':.a:b:c', '.a', 'b:c'],
  ])('%s is apart', (text, context, name) => {
    expect(subjectName(text)).toEqual({ context, name });
  });

  it('has one way of writing, and stands beside the one that names it', () => {
    expect(canonicalSubject(':.:orders')).toBe('orders');
    expect(canonicalSubject(':.a:orders')).toBe(':.a:orders');
    expect(besideSubject(':.a:orders', 'customer')).toBe(':.a:customer');
    expect(besideSubject(':.a:orders', ':.b:customer')).toBe(':.b:customer');
    expect(besideSubject('orders', 'customer')).toBe('customer');
  });

  it.each([':.::.c:orders', ':.::*:orders', ':.a::.b:orders', ':.::.'])('does not hide another context in %s', (text) => {
    expect(() => canonicalSubject(text)).toThrow(invalid(42208));
    expect(() => checkSubject(text)).toThrow(invalid(42208));
  });

  it.each(['a/b', 'đơn hàng', 'with spaces', ':.staging:orders', '👍', 'a:b', '*'])('may be %s', (text) => {
    expect(checkSubject(text)).toBe(text);
  });

  it.each([
    '',
    'a\u0000',
    'a\nb',
    '\ud800',
    'x'.repeat(256),
    ':*:orders',
    ':.staging:',
    '__GLOBAL',
    '__EMPTY',
    ':.__GLOBAL:orders',
    ':.staging:data.g01.x.v1-value',
    ':.s:view.aa-key',
  ])('may not be %j', (text) => {
    expect(() => checkSubject(text)).toThrow(invalid(42208));
  });

  it('may be a whole context for settings', () => {
    expect(checkSubject(':.staging:', true)).toBe(':.staging:');
    expect(checkSubject(':.__GLOBAL:', true)).toBe(':.__GLOBAL:');
    expect(() => checkSubject(':.__GLOBAL:x', true)).toThrow(invalid(42208));
    expect(() => checkSubject(':.staging:view.aa-value', true)).toThrow(invalid(42208));
  });

  it("is protected in every context, and an agency's own in the default one", () => {
    expect(subjectParts('data.g01.x.v1-value')).toMatchObject({
      isProtected: true,
      agencySlug: 'g01',
      topic: 'data.g01.x.v1',
      part: 'value',
    });
    expect(subjectParts(':.s:data.g01.x.v1-value')).toMatchObject({ isProtected: true, agencySlug: null });
    expect(subjectParts('orders-key')).toMatchObject({ isProtected: false, agencySlug: null });
  });
});

describe('a version', () => {
  it.each([
    ['latest', 'latest'],
    ['LATEST', 'latest'],
    ['-1', 'latest'],
    [' 7 ', 7],
    ['2147483647', 2147483647],
  ])('%s', (text, version) => {
    expect(parseVersion(text)).toBe(version);
  });

  it.each(['0', '-2', '', 'x', '1.0', '2147483648', '99999999999999999999', '1e3'])('is not %j', (text) => {
    expect(() => parseVersion(text)).toThrow(invalid(42202));
  });
});
