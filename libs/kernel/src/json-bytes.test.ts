import fc from 'fast-check';
import { parseJsonBytes } from './json-bytes.js';

const limits = { depthMax: 3, commasMax: 4 };

describe('bytes of JSON', () => {
  it('are parsed where they are JSON, also as a part of others', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' }), (value) => {
        const bytes = Buffer.from(`xx${JSON.stringify(value)}`).subarray(2);
        expect(parseJsonBytes(bytes, { depthMax: 99, commasMax: 9_999 })).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it.each<[string, Buffer, string]>([
    ['another encoding', Buffer.from('{"a":"\xea"}', 'latin1'), 'not UTF-8 from byte 7 on'],
    ['too deep', Buffer.from('[[[[1]]]]'), 'nested deeper than 3'],
    ['too many', Buffer.from('[1,2,3,4,5,6]'), 'more than 4 members'],
    ['no JSON', Buffer.from('{"secret":'), 'not JSON'],
    ['nothing', Buffer.alloc(0), 'not JSON'],
  ])('are refused for %s', (_, bytes, message) => {
    expect(() => parseJsonBytes(bytes, limits)).toThrow(expect.objectContaining({ code: 'JSON_INVALID', message }));
  });
});
