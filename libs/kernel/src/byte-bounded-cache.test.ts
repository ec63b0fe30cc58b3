import { ByteBoundedCache } from './byte-bounded-cache.js';

describe('ByteBoundedCache', () => {
  it('keeps the most recently used within its bytes', () => {
    const cache = new ByteBoundedCache<string, number>(10);
    cache.set('a', 1, 4);
    cache.set('b', 2, 4);
    cache.get('a');
    cache.set('c', 3, 4);
    expect(['a', 'b', 'c'].map((key) => cache.get(key))).toEqual([1, undefined, 3]);
    cache.set('a', 9, 6);
    expect([cache.get('a'), cache.bytes]).toEqual([9, 10]);
    cache.set('large', 1, 11);
    expect([cache.get('large'), cache.bytes]).toEqual([undefined, 10]);
  });
});
