import fc from 'fast-check';
import { Fault } from './fault.js';
import { compileTransform, unchanged } from './row-steps.js';
import { parseTransform, transformOps } from './transform.js';

function run(transform: unknown, text: string | null | undefined, others: Record<string, string | null> = {}): string | null {
  const names = ['c', ...Object.keys(others)];
  const result = compileTransform(transform, 'c', 't.c').bind((name) => names.indexOf(name))([text, ...Object.values(others)]);
  return result instanceof Fault ? `! ${result.reason}` : result;
}

const map = { op: 'map', values: { NAM: '1', NU: '2', KHAC: null } };
const vietNam = { op: 'localDate', zone: 'Asia/Ho_Chi_Minh' };
const dayFirst = { op: 'parseDate', format: 'dd/MM/yyyy' };

describe('a transform', () => {
  it.each<[unknown, string | null, string | null]>([
    [null, ' as it is ', ' as it is '],
    [{ op: 'nfc' }, 'Nguye\u0302\u0303n', 'Nguyễn'],
    [{ op: 'nfc' }, 'Nguyễn', 'Nguyễn'],
    [{ op: 'trim' }, ' 00070  ', '00070'],
    [{ op: 'trim' }, '   ', ''],
    [{ op: 'toString' }, '1', '1'],
    [{ op: 'toInt' }, '007', '7'],
    [{ op: 'toInt' }, '12.00', '12'],
    [{ op: 'toInt' }, '-0', '0'],
    [{ op: 'toInt' }, '12.5', '! is not a whole number'],
    [{ op: 'digitsOnly' }, '012.345 678', '012345678'],
    [{ op: 'lpad', length: 5, fill: '0' }, '70', '00070'],
    [{ op: 'lpad', length: 5, fill: '0' }, '123456', '123456'],
    [{ op: 'lpad', length: 3, fill: 'ộ' }, '😀', 'ộộ😀'],
    [map, 'NAM', '1'],
    [map, 'KHAC', null],
    [map, 'constructor', '! is none of the values that the mapping knows'],
    [{ ...map, otherwise: 'keep' }, 'X', 'X'],
    [map, null, null],
    [{ op: 'first' }, '{"Bé Ba",Tư}', 'Bé Ba'],
    [{ op: 'first' }, '{NULL,Tư}', 'Tư'],
    [{ op: 'first' }, '{}', null],
    [{ op: 'first' }, '{{a},{b}}', '! is an array of more than one dimension'],
    [{ op: 'first' }, 'a', '! is not an array'],
    [{ op: 'pointX' }, '(106.701,10.776)', '106.701'],
    [{ op: 'pointY' }, '(106.701,10.776)', '10.776'],
    [{ op: 'pointY' }, '(1,NaN)', '! is not a point'],
    [vietNam, '2025-06-30 23:30:00', '2025-06-30'],
    [vietNam, '2025-06-30 17:00:00+00', '2025-07-01'],
    [vietNam, '2025-06-30 16:59:59.999999+00', '2025-06-30'],
    [vietNam, '2025-07-01 01:00:00+09', '2025-06-30'],
    [vietNam, '1900-01-01 00:00:00+07:06:30', '1900-01-01'],
    [vietNam, '2025-07-01', '2025-07-01'],
    [vietNam, 'infinity', '! is not a date or a time between the years 1 and 9999'],
    [vietNam, '0044-03-15 00:00:00 BC', '! is not a date or a time between the years 1 and 9999'],
    [vietNam, '9999-12-31 23:00:00+00', '! is not a date or a time between the years 1 and 9999'],
    [dayFirst, '01/07/2025', '2025-07-01'],
    [dayFirst, '31/02/2025', '! is not a date in the form dd/MM/yyyy'],
    [dayFirst, '29/02/1900', '! is not a date in the form dd/MM/yyyy'],
    [dayFirst, '29/02/2000', '2000-02-29'],
    [dayFirst, '1/7/2025', '! is not a date in the form dd/MM/yyyy'],
    [{ op: 'parseDate', format: 'd/M/yyyy' }, '1/12/2025', '2025-12-01'],
    [{ op: 'parseDate', format: 'yyyyMMdd' }, '20250701', '2025-07-01'],
    [{ op: 'parseDate', formats: ['yyyy-MM-dd', 'dd/MM/yyyy'], nullWhen: ['Lâu dài'] }, '01/07/2025', '2025-07-01'],
    [{ op: 'parseDate', formats: ['yyyy-MM-dd', 'dd/MM/yyyy'], nullWhen: ['Lâu dài'] }, 'Lâu dài', null],
    [{ op: 'jsonPath', path: '$.so_nha' }, '{"so_nha": "12 phố \\u0054hử", "to": null}', '12 phố Thử'],
    [{ op: 'jsonPath', path: '$.to' }, '{"so_nha": "12", "to": null}', null],
    [{ op: 'jsonPath', path: '$.to' }, '{}', null],
    [{ op: 'jsonPath', path: '$.toa_do[1]' }, '{"toa_do": [10.776, 106.701]}', '106.701'],
    [{ op: 'jsonPath', path: '$.toa_do[2]' }, '{"toa_do": [10.776, 106.701]}', null],
    [{ op: 'jsonPath', path: '$.toa_do' }, '{"toa_do": [10.776, 106.701]}', '! has no single value at $.toa_do'],
    [{ op: 'jsonPath', path: '$["a b"].c' }, '{"x":{"c":1},"a b":{"c":12345678901234567890.10}}', '12345678901234567890.10'],
    [{ op: 'jsonPath', path: '$.a' }, '{"a":1,"a":2}', '2'],
    [{ op: 'jsonPath', path: '$.a' }, '{"a":', '! is not JSON'],
    [{ op: 'scale', scale: 0 }, '1500000.00', '1500000'],
    [{ op: 'scale', scale: 2, rounding: 'halfUp' }, '-1.005', '-1.01'],
    [{ op: 'scale', scale: 0, rounding: 'down' }, '1.9', '1'],
    [[{ op: 'trim' }, { op: 'lpad', length: 2, fill: '0' }], ' 1 ', '01'],
    [[{ op: 'jsonPath', path: '$.d' }, dayFirst], '{"d": "02/03/2020"}', '2020-03-02'],
  ])('%j makes of %j: %j', (transform, text, expected) => {
    expect(run(transform, text)).toBe(expected);
  });

  it('applies by another column', () => {
    const when = { op: 'when', column: 'loai', in: ['CCCD'] };
    expect(run(when, '001099000012', { loai: 'CCCD' })).toBe('001099000012');
    expect(run(when, '001099000012', { loai: 'HC' })).toBeNull();
    expect(run(when, '001099000012', { loai: null })).toBeNull();
  });

  it('is made of several columns', () => {
    const format = { op: 'format', pattern: '{ma_so_dn:010}-{stt:03}' };
    expect(run(format, null, { ma_so_dn: '100109106', stt: '1' })).toBe('0100109106-001');
    expect(run(format, null, { ma_so_dn: '100109106', stt: null })).toBeNull();
  });

  it('never hides that the source left out a value', () => {
    const bound = compileTransform([{ op: 'trim' }, map], 'c', 't.c').bind(() => 0);
    expect(bound([undefined])).toBe(unchanged);
  });

  it.each([
    [{ op: 'upper' }, /there is no operation "upper"; known are nfc, trim/],
    [{ op: 'lpad', length: 5 }, /fill/],
    [{ op: 'nfc', extra: 1 }, /extra/],
    [{ op: 'parseDate', format: 'dd/MM/yy' }, /not a date format/],
    [{ op: 'parseDate', format: 'dMyyyy' }, /not a date format/],
    [{ op: 'parseDate' }, /format/],
    [{ op: 'localDate', zone: 'Asia/Saigon2' }, /not a time zone/],
    [{ op: 'jsonPath', path: 'a.b' }, /not a path/],
    [{ op: 'format', pattern: 'abc' }, /not a pattern/],
    [[{ op: 'trim' }, { op: 'format', pattern: '{a}' }], /first/],
    [[], /./],
    ['nfc', /written as/],
  ])('%j is refused with a place and a reason', (transform, message) => {
    expect(() => compileTransform(transform, 'c', 'dancu.cong_dan.ho_ten')).toThrow(message);
    expect(() => parseTransform({ op: 'upper' }, 'dancu.cong_dan.ho_ten')).toThrow(/^dancu\.cong_dan\.ho_ten: /);
  });

  it('throws for no text at all', () => {
    const settings: Record<string, object> = {
      lpad: { length: 5, fill: '0' },
      map: { values: { a: 'b' } },
      localDate: { zone: 'Asia/Ho_Chi_Minh' },
      parseDate: { formats: ['dd/MM/yyyy', 'd.M.yyyy'] },
      jsonPath: { path: '$.a[0].b' },
      scale: { scale: 2 },
      when: { column: 'c', in: ['a'] },
      format: { pattern: '{c:05}' },
    };
    const bound = transformOps.map((op) => compileTransform({ op, ...settings[op] }, 'c', 't.c').bind(() => 0));
    const texts = fc.oneof(fc.string(), fc.json(), fc.string({ unit: 'binary' }), fc.stringMatching(/^[0-9{}[\],"\\:. +-]{0,40}$/));
    fc.assert(
      fc.property(texts, (text) => {
        for (const step of bound) {
          const result = step([text]);
          expect(result === null || typeof result === 'string' || result instanceof Fault).toBe(true);
        }
      }),
    );
  });
});

describe('jsonPath', () => {
  it('agrees with JSON.parse on every string it finds', () => {
    const documents = fc.record({ x: fc.jsonValue(), a: fc.array(fc.record({ b: fc.string() }), { minLength: 1 }), y: fc.jsonValue() });
    const found = compileTransform({ op: 'jsonPath', path: '$.a[0].b' }, 'c', 't.c').bind(() => 0);
    fc.assert(
      fc.property(documents, fc.constantFrom(undefined, 1), (document, indent) => {
        expect(found([JSON.stringify(document, null, indent)])).toBe(document.a[0]?.b);
      }),
    );
  });
});

describe('lpad', () => {
  it('keeps the text at the end and never makes it shorter', () => {
    const bound = compileTransform({ op: 'lpad', length: 12, fill: '0' }, 'c', 't.c').bind(() => 0);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const padded = bound([text]) as string;
        expect([...padded].length).toBe(Math.max(12, [...text].length));
        expect(padded.replace(/^0*/, '').endsWith(text.replace(/^0*/, ''))).toBe(true);
      }),
    );
  });
});

describe('parseDate', () => {
  it('reads back every day of the calendar', () => {
    const bound = compileTransform({ op: 'parseDate', format: 'dd/MM/yyyy' }, 'c', 't.c').bind(() => 0);
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true }),
        (date) => {
          const iso = date.toISOString().slice(0, 10);
          expect(bound([iso.split('-').reverse().join('/')])).toBe(iso);
        },
      ),
    );
  });
});
