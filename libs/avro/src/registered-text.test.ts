import { javaDouble } from './exact-json.js';
import { normalizedRegisteredText, registeredText } from './registered-text.js';
import { parseAvroSchema } from './schema-parser.js';
import { normalisedText } from './schema-text.js';

const written = (json: unknown, outside?: ReadonlySet<string>) => registeredText(JSON.stringify(json, null, 2), outside);

describe('the text of a registered schema', () => {
  it('has the order, the names and the numbers of the Java library', () => {
    const text = `{"name":"R", "type":"record", "namespace":"a.b", "fields":[
      {"type":{"type":"bytes","precision":4,"logicalType":"decimal"},"name":"x","default":""},
      {"name":"d","type":"double","default":1e10,"z":1,"aliases":["q"],"order":"IGNORE"},
      {"name":"e","type":{"type":"enum","name":"a.b.E","symbols":["A"]}},{"name":"f","type":"a.b.E"},
      {"name":"l","type":{"type":"string"}},{"name":"n","type":"long","default":9007199254740993}]}`;
    expect(registeredText(text)).toBe(
      '{"type":"record","name":"R","namespace":"a.b","fields":[{"name":"x","type":{"type":"bytes","precision":4,"logicalType":"decimal"},"default":""},' +
        '{"name":"d","type":"double","default":1.0E10,"order":"ignore","aliases":["q"],"z":1},{"name":"e","type":{"type":"enum","name":"E","symbols":["A"]}},' +
        '{"name":"f","type":"E"},{"name":"l","type":"string"},{"name":"n","type":"long","default":9007199254740993}]}',
    );
  });

  it('keeps attributes that every object has a member of the name of', () => {
    const text = '{"type":"string","constructor":"x","toString":1,"__proto__":{"a":1}}';
    expect(normalizedRegisteredText(text)).toBe('{"type":"string","__proto__":{"a":1},"constructor":"x","toString":1}');
  });

  it('is one for a namespace that is written out and for one that is inherited', () => {
    const fields = (namespace: object) => [{ name: 'a', type: { type: 'record', name: 'Q', ...namespace, fields: [] } }];
    const outer = { type: 'record', name: 'R', namespace: 'n' };
    expect(written({ ...outer, fields: fields({ namespace: 'n' }) })).toBe(written({ ...outer, fields: fields({}) }));
    expect(written({ ...outer, fields: fields({ namespace: '' }) })).toContain('"namespace":""');
  });

  it('leaves names of other schemas alone', () => {
    const json = {
      type: 'record',
      name: 'R',
      namespace: 'n',
      fields: [
        { name: 'c', type: 'C' },
        { name: 'd', type: 'n.D' },
      ],
    };
    const text = written(json, new Set(['C', 'n.D']));
    expect(JSON.parse(text).fields).toEqual([
      { name: 'c', type: 'C' },
      { name: 'd', type: 'D' },
    ]);
  });

  it('is sorted where that is asked for, and says the same', () => {
    const text =
      '{"doc":"d","z":{"b":1,"a":2},"type":"record","name":"R","aliases":["Z","B"],"namespace":"n","fields":[{"name":"a","default":0,"y":1,"b":2,"type":"int","order":"descending"}]}';
    const sorted = normalizedRegisteredText(text);
    expect(sorted).toBe(
      '{"name":"n.R","type":"record","fields":[{"name":"a","type":"int","order":"DESCENDING","default":0,"b":2,"y":1}],"doc":"d","aliases":["n.B","n.Z"],"z":{"a":2,"b":1}}',
    );
    expect(normalizedRegisteredText(sorted)).toBe(sorted);
    const withSortedAliases = text.replace('["Z","B"]', '["B","Z"]');
    expect(normalisedText(parseAvroSchema(sorted))).toBe(normalisedText(parseAvroSchema(withSortedAliases)));
  });

  it.each([
    [0, '0.0'],
    [-0, '-0.0'],
    [1, '1.0'],
    [0.1, '0.1'],
    [0.001, '0.001'],
    [0.0001, '1.0E-4'],
    [9999999, '9999999.0'],
    [1e7, '1.0E7'],
    [-1.25e-9, '-1.25E-9'],
    [1.7976931348623157e308, '1.7976931348623157E308'],
  ])('writes %d as Java does', (value, text) => {
    expect(javaDouble(value)).toBe(text);
  });
});
