import { positiveMurmur2 } from './murmur2.js';

describe('murmur2', () => {
  // Values of org.apache.kafka.common.utils.UtilsTest.
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('of %s is what Java makes of it', (text, expected) => {
    expect(positiveMurmur2(text)).toBe(expected & 0x7fffffff);
  });
});
