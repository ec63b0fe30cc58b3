import { changedSource } from './changed-build.js';

describe('a change that is built into a copy of the product', () => {
  it('has one place: an edit that fits nowhere or twice is an error', () => {
    const edit = { file: 'x.ts', find: 'a', replace: 'b' };
    expect(changedSource('cac', edit)).toBe('cbc');
    for (const source of ['c', 'aa'])
      expect(() => changedSource(source, edit)).toThrow(expect.objectContaining({ code: 'CHANGED_BUILD_DOES_NOT_FIT' }));
  });
});
