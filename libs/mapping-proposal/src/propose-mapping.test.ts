import { proposeMapping, type TableProposal } from './propose-mapping.js';
import type { ProposalTable } from './proposal.js';
import { column, shippedRelease, shippedVocabulary, table } from './shipped-vocabulary.test-data.js';
import { valueFit } from './value-fit.js';

/** What each column became: `plate-number` or `person.full-name [nfc]`; `-` for nothing. */
function proposed(tables: readonly ProposalTable[], agency = 'G01'): Record<string, string> {
  const short = ({ columns }: TableProposal) =>
    columns.map(({ column: name, proposals }): [string, string] => {
      const texts = proposals.map(
        ({ element, transform }) => `${element.slice('urn:vn:ddict:element:'.length)} [${transform.map(({ op }) => op).join(' ')}]`,
      );
      return [name, texts.join(', ') || '-'];
    });
  return Object.fromEntries(proposeMapping(tables, shippedVocabulary, agency).flatMap(short));
}

const vehicle = table(
  'vehicles',
  [
    column('bien_so', 'text', { notNull: true }),
    column('so_khung', 'text'),
    column('loai_xe', 'text'),
    column('so_dinh_danh_chu_xe', 'text'),
    column('mau_son', 'text'),
  ],
  [
    ['29A-123.45', 'RLH12345', 'OTOCON', '001099000012', 'trắng'],
    ['30F1-678.90', 'RLH67890', 'MOTO', '079199000023', 'đen'],
  ],
);

it('reads a table that nobody prepared it for, and leaves out what the dictionary does not have', () => {
  expect(proposed([vehicle])).toEqual({
    bien_so: 'vehicle.plate-number []',
    so_khung: 'vehicle.chassis-number []',
    loai_xe: 'vehicle.type []',
    so_dinh_danh_chu_xe: 'vehicle.owner-personal-id []',
    mau_son: '-',
  });
});

it('says what a foreign key says, and where the code is that it leads to', () => {
  const trip = table('chuyen_di', [column('id', 'uuid'), column('xe', 'text')], [['00000000-0000-4000-8000-000000000001', '29A-123.45']], {
    foreignKeys: [{ columns: ['xe'], table: 'public.vehicles', key: ['bien_so'] }],
  });
  const [, second] = proposeMapping([vehicle, trip], shippedVocabulary, 'G01');
  expect(second?.columns[1]?.proposals[0]).toMatchObject({
    element: 'urn:vn:ddict:element:vehicle.plate-number',
    reasons: [{ kind: 'foreign-key' }, { kind: 'type' }],
  });
});

it('finds English names as well', () => {
  const person = table(
    'citizens',
    [column('personal_id', 'text'), column('full_name', 'text'), column('date_of_birth', 'date'), column('email', 'text')],
    [['001099000012', 'Nguyễn Văn Mẫu', '1999-03-14', 'a@example.vn']],
  );
  expect(proposed([person])).toEqual({
    personal_id: 'person.personal-id []',
    full_name: 'person.full-name [nfc]',
    date_of_birth: 'person.date-of-birth []',
    email: 'person.email []',
  });
});

it('repeats no value of a row', () => {
  const secret = '001099000012';
  const text = JSON.stringify(
    proposeMapping([vehicle], shippedVocabulary, 'G01').map(({ columns, identification }) => ({ columns, identification })),
  );
  expect(text).toContain('plate-number');
  expect(text).not.toMatch(new RegExp(`${secret}|29A|RLH|trắng`));
});

describe('values and a value domain', () => {
  const domain = (name: string) => shippedRelease.valueDomain(`urn:vn:ddict:domain:${name}`)!;
  const fit = (name: string, baseType: string, values: readonly string[], labels: readonly string[] = []) => {
    const found = valueFit(column('x', baseType, { labels }), values, domain(name), shippedRelease);
    return found === null ? null : { ops: found.transform, share: found.share };
  };

  it.each<[string, string, readonly string[], readonly string[], unknown, number | null]>([
    ['ethnic-group', 'smallint', ['1', '54'], [], [{ op: 'lpad', length: 2, fill: '0' }], 1],
    ['enterprise-code', 'numeric(10,0)', ['999999101'], [], [{ op: 'lpad', length: 10, fill: '0' }], 1],
    [
      'sex',
      'dancu.gioi_tinh',
      ['NAM', 'NU'],
      ['NAM', 'NU', 'CHUA_XAC_DINH'],
      [{ op: 'map', values: { NAM: '1', NU: '2', CHUA_XAC_DINH: '0' } }],
      1,
    ],
    ['date-precision', 'character(1)', ['D', 'Y', 'M'], [], [{ op: 'map', values: { D: 'day', Y: 'year', M: 'month' } }], 1],
    ['past-date', 'timestamp without time zone', ['2020-01-01 00:00:00'], [], [{ op: 'localDate', zone: 'Asia/Ho_Chi_Minh' }], 1],
    ['business-line-code', 'character varying(10)', ['J6201'], [], [{ op: 'digitsOnly' }], 1],
    ['money-vnd', 'numeric(20,2)', ['5000.00'], [], [{ op: 'scale', scale: 0, rounding: 'exact' }], 1],
    ['personal-id', 'text', ['079099000012', 'x'], [], [], 0.5],
    ['personal-id', 'text', [], [], [], null],
  ])('%s from %s', (name, baseType, values, labels, ops, share) => {
    expect(fit(name, baseType, values, labels)).toEqual({ ops, share });
  });

  it.each([
    ['past-date', 'integer'],
    ['money-vnd', 'money'],
    ['personal-id', 'bytea'],
    ['personal-id', 'text[]'],
    ['count', 'date'],
  ])('%s never from %s', (name, baseType) => {
    expect(fit(name, baseType, ['1'])).toBeNull();
  });

  it('takes what is much shorter for another code, and not for one that lost its zeros', () => {
    expect(fit('social-insurance-number', 'character(5)', ['00070'])?.share).toBe(0);
  });
});
