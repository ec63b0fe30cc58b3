import { batchesOf, type ListedKey } from './listed-versions.js';

const key = (version: number, bytes: number): ListedKey => ({ subject: 's', version, bytes });
const cut = (...bytes: number[]) =>
  batchesOf(bytes.map((each, index) => key(index + 1, each))).map((batch) => batch.map(({ version }) => version));
const mebibyte = 1024 * 1024;

describe('the versions of a list', () => {
  it('are read in parts of a mebibyte, in their order, and none is left out', () => {
    expect(cut()).toEqual([]);
    expect(cut(1, 2, 3)).toEqual([[1, 2, 3]]);
    expect(cut(mebibyte, 1, mebibyte - 1, 1)).toEqual([[1], [2, 3], [4]]);
    expect(cut(5, 3 * mebibyte, 5)).toEqual([[1], [2], [3]]);
  });
});
