import { dictionary, nothing, planned, stateAfter, title, told, urn } from '../apply.test-data.js';
import { compilePolicy } from '../compile-policy.js';
import { policyEntry } from '../policy.js';
import type { DocumentFile } from './yaml-text.js';

/** The shipped dictionary, in which the provinces keep the details of addresses, each its own. */
const ofProvinces: DocumentFile[] = dictionary.map(({ path, text }) => ({
  path,
  text: text.replace(/(id: \S+:address\.detail\n[\s\S]*?authoritativeSource: )G01/, '$1H*'),
}));
const state = stateAfter(planned(ofProvinces), nothing);

const domain = 'urn:vn:ddict:domain:province-code';
const scopeOf = (codes: string, name = domain) => `, scope: {domain: ${name}, codes: [${codes}]}`;
const agencies = (h26: string, h29 = '', more = ''): string =>
  `agency: {code: H26, name: ${title}${h26}}\n---\nagency: {code: H29, name: ${title}${h29}}\n${more}---\n`;
const dataset = (more = ''): string => `dataset: {name: dat.thua, agency: H26, title: ${title}${more}}\n---\n`;
const provinces = { one: 'address.province', two: 'person.home-province' };
const source = (fields: readonly string[], detail = ''): string => `source: {agency: H26, database: dat, schema: dat, name: ${title}}
tables:
  - table: dat.thua
    subject: thua
    publish: true
    primaryKey: [ma]
    identification: {column: ma, element: ${urn('person.personal-id')}, via: null, transform: null}
    columns:
      - {column: ma, element: ${urn('person.personal-id')}, reference: true}
      - {column: dia_chi, element: ${urn('address.detail')}${detail}}
${fields.map((name, index) => `      - {column: tinh_${index}, element: ${urn(name)}, reference: true}\n`).join('')}`;
/** The first of the fields as a list. */
const listed = (text: string): string =>
  text.replace(/(column: tinh_0, .*), reference: true/, '$1, reference: true, transform: {op: each}');
const file = (...parts: string[]): DocumentFile => ({ path: 'a.yaml', text: parts.join('') });
const codes = (...parts: string[]): string[] => told([file(...parts)], state).map((line) => line.split(' ')[0] ?? '');

describe('scopes', () => {
  it.each<[string, string[], string[]]>([
    [
      'an agency of a class with its scope, and a field that tells it',
      [agencies(scopeOf("'01'")), dataset(), source([provinces.one])],
      ['none'],
    ],
    ['no scope where the authority is by class', [agencies(''), dataset(), source([provinces.one])], ['DATASET_SCOPE_NONE']],
    ['a copy of another’s datum needs none', [agencies(''), dataset(), source([provinces.one], ', reference: true')], ['none']],
    ['no field that tells it', [agencies(scopeOf("'01'")), dataset(), source([])], ['DATASET_SCOPE_FIELD']],
    ['two fields that could', [agencies(scopeOf("'01'")), dataset(), source([provinces.one, provinces.two])], ['DATASET_SCOPE_FIELD']],
    [
      'two fields, and a name',
      [agencies(scopeOf("'01'")), dataset(`, scopeElement: ${urn(provinces.two)}`), source([provinces.one, provinces.two])],
      ['none'],
    ],
    [
      'the name of a field that is a list',
      [agencies(scopeOf("'01'")), dataset(`, scopeElement: ${urn(provinces.one)}`), listed(source([provinces.one]))],
      ['DATASET_SCOPE_ELEMENT'],
    ],
    ['a list alone', [agencies(scopeOf("'01'")), dataset(), listed(source([provinces.one]))], ['DATASET_SCOPE_FIELD']],
    [
      'a field, and a list that tells no one place',
      [agencies(scopeOf("'01'")), dataset(), listed(source([provinces.one, provinces.two]))],
      ['none'],
    ],
    [
      'the name of a field that is not mapped',
      [agencies(scopeOf("'01'")), dataset(`, scopeElement: ${urn(provinces.two)}`), source([provinces.one])],
      ['DATASET_SCOPE_ELEMENT'],
    ],
    ['a code that never was one', [agencies(scopeOf("'01', '99'"))], ['AGENCY_SCOPE_CODE']],
    ['a domain that is none', [agencies(scopeOf("'01'", 'urn:vn:ddict:domain:provinces'))], ['AGENCY_SCOPE_DOMAIN']],
    ['one province twice', [agencies(scopeOf("'01'"), scopeOf("'79', '01'"))], ['AGENCY_SCOPE_OVERLAP']],
    [
      'a part of the own province for a unit',
      [agencies(scopeOf("'01'"), '', `---\nagency: {code: H26.12, name: ${title}${scopeOf("'01'")}}\n`)],
      ['none'],
    ],
  ])('%s', (_, parts, expected) => {
    expect(codes(...parts)).toEqual(expected);
  });
});

describe('datasets of one class', () => {
  const both = `${agencies(scopeOf("'01'"), scopeOf("'79'"))}dataset: {name: dat.thua, agency: H26, title: ${title}}\n---\ndataset: {name: dat-29.thua, agency: H29, title: ${title}}\n---\n`;
  const first = source([provinces.one]);
  const second = first.replace('agency: H26, database: dat,', 'agency: H29, database: dat-29,');
  const place = { path: 'b.yaml', text: second };

  it('share one schema, wherever their parts come from', () => {
    const renamed = { ...place, text: second.replaceAll('tinh_', 'ma_tinh_').replaceAll('dat.thua', 'dat.manh') };
    expect(told([file(both, first), renamed], state)).toEqual(['none']);
  });

  it.each<[string, string, string]>([
    [
      'an element less',
      `      - {column: dia_chi, element: ${urn('address.detail')}}\n`,
      `      - {column: dia_chi, element: ${urn('address.detail')}}\n      - {column: gioi, element: ${urn('person.sex')}, reference: true}\n`,
    ],
    ['a protection of its own', `${urn('address.detail')}}`, `${urn('address.detail')}, protection: masked}`],
    ['a requirement of its own', `${urn('address.detail')}}`, `${urn('address.detail')}, required: true}`],
  ])('do not differ by %s', (_, find, replacement) => {
    const other = { ...place, text: second.replace(find, replacement) };
    expect(other.text).not.toBe(second);
    expect(told([file(both, first), other], state)).toEqual(['DATASET_CLASS_SCHEMA 4:14']);
    // What was applied is the model, whatever its name.
    const applied = stateAfter(planned([file(both, second)], state), state);
    expect(told([{ path: 'b.yaml', text: first.replace(find, replacement) }], applied)).toEqual(['DATASET_CLASS_SCHEMA 4:14']);
  });

  it('differ where a discriminator decides in one of them which code a row has', () => {
    const code = urn('land.user-enterprise-code');
    const plain = (text: string): string => `${text}      - {column: dn, element: ${code}, reference: true}\n`;
    const deciding = (text: string): string =>
      plain(text)
        .replace('- {column: ma,', '- {column: ma, transform: {op: when, column: loai, in: [A]},')
        .replace('{column: dn,', '{column: dn, transform: {op: when, column: loai, in: [B]},')
        .replace('primaryKey: [ma]', 'primaryKey: [id]');
    const of = (one: string, other: string): string[] => told([file(both, one), { ...place, text: other }], state);
    expect(of(plain(first), plain(second))).toEqual(['none']);
    expect(of(deciding(first), deciding(second))).toEqual(['none']);
    expect(of(plain(first), deciding(second))).toEqual(['DATASET_CLASS_SCHEMA 4:14']);
  });

  it('may differ under another subject, and where all of it is a copy', () => {
    const other = second
      .replace('subject: thua', 'subject: khac')
      .replace(`${urn('address.detail')}}`, `${urn('address.detail')}, required: true}`);
    expect(told([file(both.replace('dat-29.thua', 'dat-29.khac'), first), { ...place, text: other }], state)).toEqual(['none']);
    const copied = second.replace(`${urn('address.detail')}}`, `${urn('address.detail')}, reference: true, required: true}`);
    expect(told([file(both, first), { ...place, text: copied }], state)).toEqual(['none']);
  });
});

describe('what a dataset says of value rules', () => {
  const base = [agencies(scopeOf("'01'")), source([provinces.one])] as const;
  const compiled = (more: string) => {
    const plan = planned([file(base[0], dataset(more), base[1])], state);
    const { common, byAgency } = compilePolicy(plan.documents, plan.release);
    for (const entry of [...common, ...[...byAgency.values()].flat()]) policyEntry.parse(JSON.parse(JSON.stringify(entry)));
    return common.find(({ kind }) => kind === 'dataset');
  };

  it('reaches the policy, with the publisher’s scope', () => {
    expect(compiled(', oneRowPerCode: true, rules: {V2: pass, V6: stop}')).toMatchObject({
      oneRowPerCode: true,
      rules: { V2: 'pass', V6: 'stop' },
      scope: { field: 'address_province', codes: ['01'] },
    });
    expect(compiled('')).not.toHaveProperty('rules');
  });

  it.each([
    ['a rule that nobody knows', ', rules: {V10: pass}', 'DOCUMENT_FIELD_UNKNOWN'],
    ['a row without a code to pass', ', rules: {V1: pass}', 'DOCUMENT_VALUE'],
    ['null where a value is required to pass', ', rules: {V4: pass}', 'DOCUMENT_VALUE'],
    ['another word', ', rules: {V2: ignore}', 'DOCUMENT_VALUE'],
  ])('refuses %s', (_, more, code) => {
    expect(codes(base[0], dataset(more))).toEqual([code]);
  });
});
