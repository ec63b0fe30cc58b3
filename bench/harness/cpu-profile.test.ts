import { profileShares } from './cpu-profile.js';

describe('where CPU time goes', () => {
  const frame = (id: number, functionName: string, url: string, children: number[] = []) => ({
    id,
    callFrame: { functionName, url, lineNumber: 9 },
    children,
  });

  it('is told by function and by room, of the time that is not idle', () => {
    const profile = {
      nodes: [
        frame(1, '(idle)', ''),
        frame(2, 'encode', 'file:///t/libs/avro/dist/value-encoder.js'),
        frame(3, 'encode', 'file:///t/libs/avro/dist/value-encoder.js'),
        frame(4, '(garbage collector)', ''),
        frame(5, '', 'file:///t/node_modules/@node-rs/crc32/index.js', [8]),
        frame(9, '(root)', '', [1, 2, 5, 6]),
        frame(6, 'write', 'node:internal/streams'),
        frame(7, 'byteLengthUtf8', ''),
        frame(8, 'write', 'node:buffer', [7]),
      ],
      samples: [1, 2, 3, 4, 5, 6, 7],
      timeDeltas: [1_000_000, 200_000, 200_000, 300_000, 100_000, 100_000, 100_000],
    };
    expect(profileShares([profile, profile]).busySeconds).toBe(2);
    expect(profileShares([]).functions).toEqual([]);
    const shares = profileShares([profile]);
    expect(shares.busySeconds).toBe(1);
    expect(shares.functions[0]).toEqual({ name: 'encode libs/avro/value-encoder.js:10', share: 0.4 });
    expect(shares.rooms).toEqual([
      { name: 'libs/avro', share: 0.4 },
      { name: '(garbage collector)', share: 0.3 },
      { name: '@node-rs/crc32', share: 0.2 },
      { name: 'node', share: 0.1 },
    ]);
  });
});
