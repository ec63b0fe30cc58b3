import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import type { QuarantineEntry } from '@truc/pipeline';
import { csvHead, csvRow, jsonRow } from './held-row-text.js';

const entryOf = (columns: Record<string, string | null>): QuarantineEntry => ({
  entry: 12n,
  dataset: 'population.resident',
  table: 'dancu.cong_dan',
  sourceKey: '["a"]',
  position: { epoch: 1, sequence: 22n, index: 3 },
  reasons: [
    { rule: 'V2', element: 'urn:e', field: 'f', reason: 'double-space' },
    { rule: 'V2', element: 'urn:e', field: 'f', reason: 'too-long' },
  ],
  columns,
  lastPublishedKey: null,
  heldAtMs: 0,
});

describe('a held row as text', () => {
  it('comes out of CSV as it went in, with nothing that a spreadsheet calculates', () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('=', '"', ',', '\r', '\n', '+', '-', '@', '\t', "'", 'ă') }),
    );
    fc.assert(
      fc.property(fc.option(value), value, (a, b) => {
        const text = csvHead(['a', 'b', 'c']) + csvRow(entryOf({ a, b }), ['a', 'b', 'c']);
        const [read, ...more] = parse(text, { columns: true, bom: true, record_delimiter: '\r\n' }) as Record<string, string>[];
        expect(more).toEqual([]);
        expect(read).toMatchObject({ entry: '12', rules: 'V2', reasons: 'double-space; too-long', published: 'no', 'column:c': '' });
        for (const [name, original] of [
          ['column:a', a ?? ''],
          ['column:b', b],
        ] as const) {
          const cell = read?.[name] ?? '';
          expect(cell).not.toMatch(/^[=+\-@\t\r]/);
          expect(cell === original || cell === `'${original}`).toBe(true);
        }
      }),
    );
  });

  it('is exact as a line of JSON', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.option(fc.string({ unit: 'binary' }))), (columns) => {
        const line = jsonRow(entryOf(columns));
        expect(line.indexOf('\n')).toBe(line.length - 1);
        const read = JSON.parse(line) as { columns: unknown; heldAt: string };
        expect(Object.entries(read.columns as object)).toEqual(Object.entries(columns));
        expect(read).toMatchObject({ rowKey: '["a"]', position: '1/22/3', heldAt: '1970-01-01T00:00:00.000Z' });
      }),
    );
  });
});
