import { column, table } from './survey.test-data.js';
import { fullBytesPerDay, rowBytes } from './wal-estimate.js';

describe('the width of a row', () => {
  const columns = [column('id', { widthBytes: 8 }), column('anh', { widthBytes: 18, mayBeToasted: true })];

  it('is that of its columns, and of what lies outside of it', () => {
    expect(rowBytes(table('anh', columns, { rowsEstimated: 1_000, bytes: 21_000_000, toastBytes: 0 }))).toBe(26);
    expect(rowBytes(table('anh', columns, { rowsEstimated: 1_000, bytes: 21_000_000, toastBytes: 20_000_000 }))).toBe(20_026);
  });

  it('is told by the size of the table where nobody analysed it, and by nothing where that says nothing', () => {
    const unknown = [column('id', { widthBytes: null })];
    expect(rowBytes(table('anh', unknown, { rowsEstimated: 1_000, bytes: 50_000 }))).toBe(50);
    expect(rowBytes(table('anh', unknown, { rowsEstimated: 0, bytes: 50_000 }))).toBeNull();
  });

  it('comes once more with each change where whole old rows are sent', () => {
    const facts = table('anh', columns, { rowsEstimated: 1_000, toastBytes: 20_000_000, updates: 40, deletes: 10, sinceSeconds: 43_200 });
    expect(fullBytesPerDay(facts)).toBe(20_026 * 100);
  });
});
