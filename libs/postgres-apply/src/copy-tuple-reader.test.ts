import fc from 'fast-check';
import { COPY_HEADER, COPY_TRAILER, CopyChunk } from './copy-chunk.js';
import { CopyTupleReader } from './copy-tuple-reader.js';

function stream(tuples: readonly (string | null)[][]): Buffer {
  const chunk = new CopyChunk(1);
  for (const fields of tuples) {
    chunk.tuple(fields.length);
    for (const field of fields) {
      if (field === null) chunk.null();
      else chunk.text(field);
    }
  }
  return Buffer.concat([COPY_HEADER, chunk.bytes(), COPY_TRAILER]);
}

describe('copy tuple reader', () => {
  it('reads the same tuples whatever the cuts', () => {
    const tuples = fc.array(fc.array(fc.option(fc.string({ unit: 'grapheme', maxLength: 60 })), { maxLength: 5 }), { maxLength: 20 });
    fc.assert(
      fc.property(tuples, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (expected, cuts) => {
        const bytes = stream(expected);
        const reader = new CopyTupleReader();
        const found: (string | null)[][] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const size = cuts[turn % cuts.length] ?? 1;
          for (const fields of reader.push(bytes.subarray(at, at + size))) found.push(fields.map((field) => field?.toString() ?? null));
          at += size;
        }
        reader.end();
        expect(found).toEqual(expected);
      }),
    );
  });

  it('says when the stream stopped in the middle or is something else', () => {
    const reader = new CopyTupleReader();
    expect([...reader.push(stream([['a'], ['b']]).subarray(0, -4))]).toHaveLength(1);
    expect(() => reader.end()).toThrow(expect.objectContaining({ code: 'APPLY_COPY_INVALID' }));
    expect(() => [...new CopyTupleReader().push(Buffer.alloc(40))]).toThrow(expect.objectContaining({ code: 'APPLY_COPY_INVALID' }));
  });
});
