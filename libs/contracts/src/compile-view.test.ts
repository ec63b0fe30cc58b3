import { viewId } from './compile-view.js';

describe('view id', () => {
  it('is the same for the same scope in any order', () => {
    const dataset = { name: 'population.resident', generation: 1 };
    expect(viewId(dataset, ['b', 'a'])).toBe(viewId(dataset, ['a', 'b', 'a']));
    expect(viewId(dataset, ['a'])).not.toBe(viewId(dataset, ['a', 'b']));
    expect(viewId({ ...dataset, generation: 2 }, ['a'])).not.toBe(viewId(dataset, ['a']));
    expect(viewId(dataset, ['a'])).toMatch(/^[0-9a-f]{32}$/);
  });
});
