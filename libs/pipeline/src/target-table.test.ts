import { compileCodec } from '@truc/avro';
import { datasetValueSchema } from '@truc/change-event';
import { targetTableOf } from './target-table.js';

const naming = { schema: 'g01', name: 'resident' };
const tableOf = (fields: readonly object[]) => {
  const schema = datasetValueSchema('data.g01.x.v1', { type: 'record', name: 'Row', fields });
  return targetTableOf(compileCodec(schema).schema, naming);
};

describe('targetTableOf', () => {
  it('gives every type of a value domain its column, nullable or not', () => {
    const decimal = { type: 'bytes', logicalType: 'decimal', precision: 12, scale: 3 };
    const fixed = { type: 'fixed', name: 'Amount', size: 8, logicalType: 'decimal', precision: 9, scale: 0 };
    const types: [unknown, object][] = [
      ['string', { kind: 'text' }],
      ['int', { kind: 'integer' }],
      ['long', { kind: 'bigint' }],
      ['boolean', { kind: 'boolean' }],
      ['double', { kind: 'double' }],
      ['float', { kind: 'double' }],
      [{ type: 'int', logicalType: 'date' }, { kind: 'date' }],
      [{ type: 'long', logicalType: 'timestamp-micros' }, { kind: 'timestamp-micros' }],
      [decimal, { kind: 'decimal', precision: 12, scale: 3 }],
      [fixed, { kind: 'decimal', precision: 9, scale: 0 }],
      [{ type: 'enum', name: 'Sex', symbols: ['M', 'F'] }, { kind: 'text' }],
      [
        { type: 'array', items: 'string' },
        { kind: 'list', item: { kind: 'text' } },
      ],
    ];
    const plain = types.map(([type], index) => ({ name: `f${index}`, type }));
    const expected = types.map(([, type], index) => ({ name: `f${index}`, type }));
    expect(tableOf(plain)).toEqual({ ...naming, columns: expected });
    expect(tableOf(types.map(([type], index) => ({ name: `f${index}`, type: ['null', type], default: null })))).toEqual({
      ...naming,
      columns: expected,
    });
  });

  it.each([
    ['bytes'],
    [{ type: 'array', items: { type: 'array', items: 'string' } }],
    [{ type: 'long', logicalType: 'timestamp-millis' }],
    [{ type: 'int', logicalType: 'time-millis' }],
    [['string', 'int']],
    ['null'],
  ])('refuses a field of %j by name', (type) => {
    expect(() => tableOf([{ name: 'odd', type }])).toThrow(
      expect.objectContaining({ code: 'APPLY_SCHEMA_UNSUPPORTED', message: expect.stringContaining('odd') }),
    );
  });

  it('refuses what is no envelope', () => {
    const { schema } = compileCodec('{"type":"record","name":"R","fields":[{"name":"a","type":"string"}]}');
    expect(() => targetTableOf(schema, naming)).toThrow(expect.objectContaining({ code: 'APPLY_SCHEMA_UNSUPPORTED' }));
  });
});
