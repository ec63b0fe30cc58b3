import { checkCompatibility, parseAvroSchema } from '@truc/avro';
import { compatibilityReasons } from './compatibility-reasons.js';

const parsed = (schema: unknown) => parseAvroSchema(JSON.stringify(schema));
const row = (...fields: object[]) => ({ type: 'record', name: 'Row', fields });
const envelope = (inside: unknown) => ({ type: 'record', name: 'E', fields: [{ name: 'after', type: ['null', inside], default: null }] });
const b = { name: 'b', type: 'int' };

describe('compatibilityReasons', () => {
  it('goes through a union to the field that is to blame', () => {
    const [reader, writer] = [parsed(envelope(row(b))), parsed(envelope(row()))];
    expect(checkCompatibility(reader, writer).map(({ path }) => path)).toEqual(['/fields/0/type/1']);
    expect(compatibilityReasons(reader, writer)).toEqual([
      { path: '/fields/0/type/1/fields/0', message: expect.stringContaining('field b is not written and has no default') },
    ]);
  });

  it('goes through unions in unions, lists and maps', () => {
    const deep = (inside: unknown) => envelope({ type: 'array', items: ['null', { type: 'map', values: ['null', inside] }] });
    const [reason, ...more] = compatibilityReasons(parsed(deep(row(b))), parsed(deep(row())));
    expect([reason?.message, more]).toEqual([expect.stringContaining('field b'), []]);
  });

  it('tells the union itself where no branch is meant, and nothing where all can be read', () => {
    const reasons = compatibilityReasons(parsed(['null', 'int']), parsed(['null', 'string']));
    expect(reasons).toEqual([{ path: '/1', message: expect.stringContaining('no branch of [null, int] reads it') }]);
    expect(compatibilityReasons(parsed(row()), parsed(row(b)))).toEqual([]);
  });

  it('ends with types that contain themselves', () => {
    const list = (type: string) =>
      parsed({
        type: 'record',
        name: 'L',
        fields: [
          { name: 'next', type: ['null', 'L'] },
          { name: 'v', type },
        ],
      });
    expect(compatibilityReasons(list('int'), list('string')).length).toBeGreaterThan(0);
  });
});
