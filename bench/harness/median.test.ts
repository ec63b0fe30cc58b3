import { median, medianOfKnown } from './median.js';

describe('the median', () => {
  it.each([
    [[], null],
    [[3], 3],
    [[10, 9], 9.5],
    [[10, 9, 100], 10],
    [[4, 1, 3, 2], 2.5],
  ])('of %p is %p', (values, expected) => expect(median(values)).toBe(expected));

  it('leaves out what is not known', () => {
    expect(medianOfKnown([null, 2, null])).toBe(2);
    expect(medianOfKnown([null])).toBeNull();
  });
});
