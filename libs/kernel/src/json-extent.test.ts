import fc from 'fast-check';
import { jsonExtent } from './json-extent.js';

function extentOf(value: unknown): { depth: number; commas: number } {
  if (typeof value !== 'object' || value === null) return { depth: 0, commas: 0 };
  const members = Object.values(value).map(extentOf);
  return {
    depth: 1 + Math.max(0, ...members.map(({ depth }) => depth)),
    commas: Math.max(0, members.length - 1) + members.reduce((sum, { commas }) => sum + commas, 0),
  };
}

describe('the extent of JSON', () => {
  it('is that of the value, whatever stands in its strings', () => {
    const key = fc.oneof(fc.string(), fc.constantFrom('"', '\\', '[,{', '\\"'));
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), fc.dictionary(key, fc.string()), (value, more) => {
        expect(jsonExtent(Buffer.from(JSON.stringify([value, more])))).toEqual(extentOf([value, more]));
      }),
    );
  });

  it.each([
    ['', 0, 0],
    ['[[[', 3, 0],
    ['"[[[', 0, 0],
    ['"a\\"[",[', 1, 1],
    [']]]][', 0, 0],
    ['"\\', 0, 0],
  ])('of %j, which is no JSON, is %d and %d', (text, depth, commas) => {
    expect(jsonExtent(Buffer.from(text))).toEqual({ depth, commas });
  });
});
