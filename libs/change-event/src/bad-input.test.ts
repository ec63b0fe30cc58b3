import { TrucError } from '@truc/kernel';
import { changedBytes, hostileFrames } from '@truc/testing';
import fc from 'fast-check';
import { decodeMasterDataKey, encodeMasterDataKey } from './master-data-key.js';
import { positionOf } from './position-headers.js';

const good = encodeMasterDataKey({ scheme: 'personal-id', code: '001099012345', row: '["1"]' }, 7);

describe('a key that means harm', () => {
  it.each(hostileFrames(good).filter(({ name }) => name !== 'an unknown schema'))('of $name is refused', ({ bytes }) => {
    expect(() => decodeMasterDataKey(bytes)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^(AVRO_|KEY_INVALID)/) as string }),
    );
  });

  it('is a key, or refused by name, whatever was changed', () => {
    fc.assert(
      fc.property(changedBytes(good), (bytes) => {
        try {
          const { key } = decodeMasterDataKey(bytes);
          expect([typeof key.scheme, typeof key.code, typeof key.row]).toEqual(['string', 'string', 'string']);
        } catch (error) {
          expect(error).toBeInstanceOf(TrucError);
        }
      }),
    );
  });

  it('has a position that fits its bytes, or none', () => {
    const header = fc.record({
      key: fc.constantFrom('truc-epoch', 'truc-position', '__proto__', ''),
      value: fc
        .oneof(fc.stringMatching(/^[0-9]{0,12}$/), fc.stringMatching(/^[0-9a-f]{15,17}:[0-9]{0,12}$/), fc.string({ unit: 'binary' }))
        .map((text) => Buffer.from(text)),
    });
    fc.assert(
      fc.property(fc.array(header, { maxLength: 4 }), (headers) => {
        try {
          const { epoch, sequence, index } = positionOf(headers);
          expect(epoch <= 2 ** 31 - 1 && sequence < 2n ** 63n && index < 2 ** 32).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'POSITION_INVALID' });
        }
      }),
      { numRuns: 1000 },
    );
  });
});
