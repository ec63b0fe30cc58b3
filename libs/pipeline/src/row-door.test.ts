import { compileCodec } from '@truc/avro';
import { datasetValueSchema, namespaceOfTopic, type ChangeEnvelope } from '@truc/change-event';
import { canonicalFieldName, rowFieldsOf, rowSchema, type FieldPolicy } from '@truc/dictionary';
import type { Row } from '@truc/kernel';
import { clock, codeOf, release } from './captured-residents.test-data.js';
import type { LogHeader } from './log.js';
import type { ReceivedEvent } from './received-event.js';
import { RowDoor } from './row-door.js';

const field = (name: string, more: Partial<FieldPolicy> = {}): FieldPolicy => {
  const element = `urn:vn:ddict:element:${name}`;
  return { name: canonicalFieldName(element), element, role: 'source', protection: 'none', required: false, ...more };
};
const fields = [
  field('person.personal-id', { required: true }),
  field('person.full-name'),
  field('person.date-of-birth'),
  field('person.sex'),
  field('person.blood-type', { protection: 'masked' }),
];
const codec = compileCodec(datasetValueSchema('t', rowSchema({ namespace: namespaceOfTopic('t'), name: 'Row', fields, release })));
const good: Row = {
  person_personal_id: codeOf(1),
  person_full_name: 'An',
  person_date_of_birth: 10_000,
  person_sex: '1',
  person_blood_type: null,
};

describe('a consumer’s door', () => {
  const door = new RowDoor({ codeField: 'person_personal_id' }, (number) => (number === 1 ? release : null), clock);
  const event = (after: Row | null, number = 1): ReceivedEvent => {
    const envelope = { after, op: after === null ? 'd' : 'c', source: { release: number } } as unknown as ChangeEnvelope;
    return { kind: 'event', key: { scheme: 's', code: '1', row: '' }, position: { epoch: 1, sequence: 1n, index: 0 }, codec, envelope };
  };
  const told = (judged: ReceivedEvent): string[] =>
    judged.kind === 'refused' ? judged.reasons.map(({ rule, field: name, reason }) => `${rule} ${name} ${reason}`) : [judged.kind];
  const judge = (change: Row, headers: LogHeader[] = []) => told(door.judge(event({ ...good, ...change }), headers));

  it('knows the fields by the schema alone', () => {
    expect(rowFieldsOf(codec.schema)).toEqual(fields);
  });

  it.each<[string, Row, string[]]>([
    ['a good row', {}, ['event']],
    ['a name with two spaces', { person_full_name: 'An  Bình' }, ['V2 person_full_name double-space']],
    ['NUL', { person_full_name: 'An\0' }, ['V5 person_full_name nul']],
    ['a code that is none', { person_personal_id: '003099000012' }, ['V1 person_personal_id unknown-province']],
    [
      'everything at once',
      { person_personal_id: '1', person_full_name: ' ' },
      ['V1 person_personal_id not-12-digits', 'V2 person_full_name not-trimmed'],
    ],
    ['a date in the future', { person_date_of_birth: 99_999 }, ['V6 person_date_of_birth in-future']],
    ['a code whose date nobody knows here', { person_sex: '7' }, ['event']],
    ['what a mask made of a value', { person_blood_type: '•••' }, ['event']],
  ])('judges %s', (_, change, expected) => {
    expect(judge(change)).toEqual(expected);
  });

  it('lets in tomorrow, which may have begun at the agent, and no later day', () => {
    const today = Math.floor((clock.now() + 7 * 3_600_000) / 86_400_000);
    expect(judge({ person_date_of_birth: today + 1 })).toEqual(['event']);
    expect(judge({ person_date_of_birth: today + 2 })).toHaveLength(1);
  });

  it('lets in what the publisher passed and marked, and nothing else', () => {
    const marks: LogHeader[] = [
      { key: 'truc-marks', value: Buffer.from('V3 person_sex not-in-code-list\nV2 person_full_name double-space') },
    ];
    expect(judge({ person_full_name: 'An  Bình' }, marks)).toEqual(['event']);
    expect(judge({ person_full_name: ' An' }, marks)).toEqual(['V2 person_full_name not-trimmed']);
  });

  it('lets nothing in by a mark that no dataset may choose', () => {
    const marked = (...lines: string[]): LogHeader[] => [{ key: 'truc-marks', value: Buffer.from(lines.join('\n')) }];
    const [nul, code] = ['V5 person_full_name nul', 'V1 person_personal_id unknown-province'];
    expect(judge({ person_full_name: 'An\0' }, marked(nul))).toEqual([nul]);
    expect(judge({ person_personal_id: '003099000012' }, marked(code))).toEqual([code]);
    // Not even where the mark says that it stands under another rule.
    expect(judge({ person_full_name: 'An\0' }, marked('V2 person_full_name nul'))).toEqual([nul]);
  });

  it('asks for one of several codes, and judges the one that is there', () => {
    const both = [field('land.user-personal-id'), field('land.user-enterprise-code')];
    const schema = rowSchema({ namespace: namespaceOfTopic('t'), name: 'Row', fields: both, release });
    const codes = { codeField: 'land_user_personal_id', otherCodes: [{ scheme: 'enterprise-code', field: 'land_user_enterprise_code' }] };
    const one = new RowDoor(codes, () => release, clock);
    const judgeCodes = (person: string | null, enterprise: string | null) => {
      const row = { land_user_personal_id: person, land_user_enterprise_code: enterprise };
      return told(
        one.judge(
          { ...(event(row) as Extract<ReceivedEvent, { kind: 'event' }>), codec: compileCodec(datasetValueSchema('t', schema)) },
          [],
        ),
      );
    };
    expect(judgeCodes(codeOf(1), null)).toEqual(['event']);
    expect(judgeCodes(null, '0100109106')).toEqual(['event']);
    expect(judgeCodes(null, '9912345202')).toEqual(['V1 land_user_enterprise_code check-digit']);
    expect(judgeCodes(null, null)).toEqual(['V1 land_user_personal_id missing']);
  });

  it('has nothing to judge in a delete', () => {
    expect(told(door.judge(event(null), []))).toEqual(['event']);
  });

  it('waits for a release that is not whole, and refuses one that does not know the elements', () => {
    expect(() => door.judge(event(good, 2), [])).toThrow(expect.objectContaining({ code: 'POLICY_UNREACHABLE', retry: true }));
    const older = new RowDoor({ codeField: null }, () => ({ ...release, element: () => null }), clock);
    expect(told(older.judge(event(good), [])).join()).toMatch(/^ELEMENT_UNKNOWN source/);
  });
});
