import type { Metadata } from './metadata.js';
import { checkRuleSet, ruleSetShape, type RuleSet } from './rule-set.js';
import { fingerprintOf, guidOf, readSchema as read, resolvedText, type SchemaReference } from './schema-document.js';
import { a, record } from './registration.test-data.js';

const readSchema = (subject: string, text: string, references: readonly SchemaReference[] = [], referenced: readonly string[] = []) =>
  read(subject, { text, references }, referenced);
const fingerprint = (text: string) => fingerprintOf(readSchema('s', text), null, null);

describe('readSchema', () => {
  it('gives equal schemas one fingerprint', () => {
    const spread = JSON.stringify({ fields: [{ type: { type: 'string' }, name: 'a' }], name: 'R', type: 'record' }, null, 2);
    expect(fingerprint(spread)).toBe(fingerprint(record(a)));
    expect(fingerprint(record({ ...a, doc: 'x' }))).not.toBe(fingerprint(record(a)));
  });

  it('tells apart what differs in a number that no double tells apart', () => {
    const text = (value: string) => `{"type":"record","name":"R","fields":[{"name":"a","type":"long","default":${value}}]}`;
    expect(fingerprint(text('9007199254740993'))).not.toBe(fingerprint(text('9007199254740992')));
    const outer = '{"type":"record","name":"S","fields":[{"name":"r","type":"R"},{"name":"a","type":"long","default":9007199254740993}]}';
    const read = readSchema('s', outer, [{ name: 'R', subject: 'r', version: 1 }], [text('9007199254740995')]);
    expect(read.normalised).toMatch(/9007199254740995.*9007199254740993/);
    expect(resolvedText(outer, [text('9007199254740995')])).toMatch(/9007199254740995.*9007199254740993/);
  });

  it('keeps one spelling that is the same schema when it comes back', () => {
    const text = '{"z":1,"name":"R","type":"record","aliases":["Z","B"],"doc":"","fields":[{"name":"a","type":"string","order":"ignore"}]}';
    const kept = read('s', { text, references: [], normalize: true });
    expect(kept.text).not.toBe(readSchema('s', text).text);
    expect(readSchema('s', kept.text).shape).toBe(kept.shape);
    expect(read('s', { text: kept.text, references: [], normalize: true })).toMatchObject({ text: kept.text, shape: kept.shape });
  });

  it('reads a schema with comments, alone and beside others', () => {
    const inner = '{"type":"record","name":"C","fields":[]}';
    const text = '/* "S" */ {"type":"record","name":"S","fields":[{"name":"c","type":"C"}]} // end';
    expect(readSchema('s', text, [{ name: 'C', subject: 'c', version: 1 }], [inner]).text).toBe(
      '{"type":"record","name":"S","fields":[{"name":"c","type":"C"}]}',
    );
    expect(readSchema('s', '"int" // end').text).toBe('"int"');
  });

  it('gives schemas of other metadata, rules or references another one', () => {
    const document = readSchema('s', record(a));
    const metadata = { tags: {}, properties: { owner: 'x' }, sensitive: [] };
    const ruleSet = { migrationRules: [], domainRules: [], encodingRules: [], enableAt: null };
    const told = [
      fingerprintOf(document, null, null),
      fingerprintOf(document, metadata, null),
      fingerprintOf(document, null, ruleSet),
      fingerprintOf({ ...document, references: [{ name: 'C', subject: 'c', version: 1 }] }, null, null),
    ];
    expect(new Set(told).size).toBe(4);
  });

  it("gives the GUID that Confluent's registry gives", () => {
    // MD5 of the text alone: 'printf %s \'"string"\' | md5sum'.
    expect(guidOf({ text: '"string"', references: [] }, null, null)).toBe('095d71cf-1255-6b9d-5e33-0ad575b3df5d');
  });

  it('has one fingerprint and one GUID in whichever order its metadata and rules are kept', () => {
    const reversed = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(reversed);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, each]) => [key, reversed(each)]),
      );
    };
    const metadata = { tags: { bb: ['x'], c: ['y'] }, properties: { owner: 'g01', z: '1' }, sensitive: ['z'] };
    const rule = { name: 'r', type: 'CEL', params: { bb: '1', c: '2' }, expr: 'true' };
    const ruleSet = checkRuleSet(ruleSetShape.parse({ domainRules: [rule] }));
    const schema = readSchema('s', '"string"');
    const other = [reversed(metadata) as Metadata, reversed(ruleSet) as RuleSet] as const;
    expect(JSON.stringify(other)).not.toBe(JSON.stringify([metadata, ruleSet]));
    expect(fingerprintOf(schema, ...other)).toBe(fingerprintOf(schema, metadata, ruleSet));
    expect(guidOf(schema, ...other)).toBe(guidOf(schema, metadata, ruleSet));
  });

  it('resolves names by references, shared ones too', () => {
    const c = '{"type":"record","name":"C","fields":[{"name":"x","type":"int"}]}';
    const d = '{"type":"record","name":"D","fields":[{"name":"c","type":"C"}]}';
    const text = record({ name: 'c', type: 'C' }, { name: 'd', type: 'D' });
    const read = readSchema('s', text, [{ name: 'D', subject: 'd', version: 1 }], [c, d]);
    expect(read.schema).toMatchObject({ name: 'R', fields: [{ schema: { name: 'C' } }, { schema: { name: 'D' } }] });
    expect(readSchema('s', read.normalised).schema).toEqual(read.schema);
  });

  it.each(['', '{', '"nothing"', '{"type":"record"}', '},{"name":"x","type":"int"'])('refuses %s as no Avro', (text) => {
    expect(() => readSchema('s', text)).toThrow(expect.objectContaining({ code: 'REGISTRY_INVALID_SCHEMA', violations: [] }));
    expect(() => readSchema('s', text, [{ name: 'C', subject: 'c', version: 1 }], ['"int"'])).toThrow(
      expect.objectContaining({ code: 'REGISTRY_INVALID_SCHEMA' }),
    );
  });

  it('refuses what is beyond the limits as a violation of D12', () => {
    const many = record(...Array.from({ length: 1001 }, (_, index) => ({ name: `f${index}`, type: 'int' })));
    const deep = `${'{"type":"array","items":'.repeat(40)}"int"${'}'.repeat(40)}`;
    for (const text of [many, deep, JSON.stringify({ type: 'enum', name: 'E', symbols: ['đ'] }), ' '.repeat(70_000) + '"int"']) {
      expect(() => readSchema('s', text)).toThrow(
        expect.objectContaining({ errorCode: 42201, violations: [expect.objectContaining({ rule: 'D12' })] }),
      );
    }
  });
});
