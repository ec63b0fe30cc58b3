import { profileShares } from './cpu-profile.js';

describe('where CPU time goes', () => {
  const frame = (id: number, functionName: string, url: string) => ({ id, callFrame: { functionName, url, lineNumber: 9 } });

  it('is told by function and by room, of the time that is not idle', () => {
    const shares = profileShares({
      nodes: [
        frame(1, '(idle)', ''),
        frame(2, 'encode', 'file:///t/libs/avro/dist/value-encoder.js'),
        frame(3, 'encode', 'file:///t/libs/avro/dist/value-encoder.js'),
        frame(4, '(garbage collector)', ''),
        frame(5, '', 'file:///t/node_modules/@node-rs/crc32/index.js'),
        frame(6, 'write', 'node:internal/streams'),
        frame(7, 'byteLengthUtf8', ''),
      ],
      samples: [1, 2, 3, 4, 5, 6, 7],
      timeDeltas: [1_000_000, 200_000, 200_000, 300_000, 100_000, 100_000, 100_000],
    });
    expect(shares.busySeconds).toBe(1);
    expect(shares.functions[0]).toEqual({ name: 'encode libs/avro/value-encoder.js:10', share: 0.4 });
    expect(shares.rooms).toEqual([
      { name: 'libs/avro', share: 0.4 },
      { name: '(garbage collector)', share: 0.3 },
      { name: 'node', share: 0.2 },
      { name: '@node-rs/crc32', share: 0.1 },
    ]);
  });
});
