import { javaJson, parseExactly, parseWithNumbers, withoutComments } from './exact-json.js';
import { normalisedText } from './schema-text.js';
import { parseAvroSchema } from './schema-parser.js';

const withDefault = (type: string, value: string) =>
  `{"type":"record","name":"R","fields":[{"name":"f","type":${type},"default":${value}}]}`;
const normalised = (text: string) => normalisedText(parseAvroSchema(text));

describe('numbers of a schema', () => {
  it.each([
    ['"long"', '9007199254740993', '9007199254740992'],
    ['"long"', '9223372036854775807', '9223372036854775806'],
    ['["null","long"]', '-9223372036854775808', '-9223372036854775807'],
    ['{"type":"array","items":"long"}', '[9007199254740993]', '[9007199254740992]'],
  ])('of type %s that no double tells apart stay two: %s, %s', (type, one, other) => {
    expect(normalised(withDefault(type, one))).not.toBe(normalised(withDefault(type, other)));
    expect(normalised(withDefault(type, one))).toContain(one);
    expect(normalised(normalised(withDefault(type, one)))).toBe(normalised(withDefault(type, one)));
  });

  it('stay two in attributes that nobody here knows', () => {
    const text = (value: string) => `{"type":"string","note":{"at":[${value}]}}`;
    expect(normalised(text('9007199254740993'))).toBe(text('9007199254740993'));
    expect(normalised(text('9007199254740993'))).not.toBe(normalised(text('9007199254740992')));
  });

  it.each([
    ['"int"', '1.0'],
    ['"int"', '1e2'],
    ['"int"', '2147483648'],
    ['"long"', '1.0'],
    ['"long"', '9223372036854775808'],
    ['"long"', '-9223372036854775809'],
    ['["null","long"]', '1.0'],
    ['"double"', '1e400'],
    ['"double"', `1${'0'.repeat(400)}`],
    ['{"type":"map","values":"int"}', '9007199254740993'],
    ['{"type":"record","name":"Q","fields":[]}', '1.0'],
  ])('of type %s that nobody could read as its default: %s', (type, value) => {
    expect(() => parseAvroSchema(withDefault(type, value))).toThrow(/default does not fit|larger than any double/);
  });

  it.each([
    ['"float"', '1.0'],
    ['"double"', '1e10'],
    ['"double"', '9007199254740993'],
    ['"double"', '123456789012345678901234567890'],
    ['["long","double"]', '1.0'],
  ])('of type %s may be %s', (type, value) => {
    expect(() => parseAvroSchema(withDefault(type, value))).not.toThrow();
  });

  it('count as whole only where they are written so', () => {
    expect(() => parseAvroSchema('{"type":"fixed","name":"F","size":4.0}')).toThrow('the size is a number of bytes');
    const decimal = (precision: string) => parseAvroSchema(`{"type":"bytes","logicalType":"decimal","precision":${precision}}`);
    expect(decimal('4')).toMatchObject({ logicalType: { kind: 'decimal', precision: 4 } });
    expect(decimal('4.0')).toMatchObject({ logicalType: null });
    expect(parseWithNumbers('[1, 2.5, "1.0", 1.0, 12345678901234567890]')).toEqual([
      1,
      2.5,
      '1.0',
      expect.objectContaining({ text: '1.0', isInteger: false }),
      expect.objectContaining({ isInteger: true }),
    ]);
  });
});

describe('the JSON of a schema', () => {
  it('may have comments, which are no part of it', () => {
    const text = '// a "record"\n{"type": /* { */ "string", "note": "/* no */ // comment", "link": "http://x"} /**/';
    expect(normalised(text)).toBe('{"type":"string","link":"http://x","note":"/* no */ // comment"}');
    expect(withoutComments('"a\\"//b"/**/"c"//')).toBe('"a\\"//b" "c" ');
    for (const wrong of ['/* "int"', '"in/**/t', '"int" /', '/', '*/"int"']) expect(() => parseAvroSchema(wrong)).toThrow();
  });

  it('takes no longer for comments that have no end', () => {
    for (const piece of ['/*', '"/*', '//', '/*"', '\\"//'])
      expect(() => parseAvroSchema(piece.repeat(65_000 / piece.length))).toThrow(/not JSON|nested/);
  });

  it('has the escapes of the Java library', () => {
    const text = '{"note":"\\u001f\\u000b\\\\u001f\\n\\u0041é"}';
    expect(javaJson(parseExactly(text))).toBe('{"note":"\\u001F\\u000B\\\\u001f\\nAé"}');
  });
});

it('aliases are a set, whose order makes no other schema', () => {
  const record = (aliases: string[]) => JSON.stringify({ type: 'record', name: 'R', aliases, fields: [] });
  expect(normalised(record(['B', 'A']))).toBe(normalised(record(['A', 'B', 'A'])));
  expect(normalised(record(['A']))).not.toBe(normalised(record(['A', 'B'])));
});
