import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parse } from 'yaml';
import { Fault } from './fault.js';
import { compileTransform, unchanged } from './row-steps.js';
import { parseTransform, transformOps } from './transform.js';

type Texts = Readonly<Record<string, string | null>>;
type Outcome = string | null | readonly string[];

interface Vector {
  readonly transform: unknown;
  readonly row?: Texts;
  readonly good?: readonly (readonly [string | null, Outcome])[];
  readonly bad?: readonly (readonly [string, string])[];
}

const vectors = parse(readFileSync(new URL('../test-data/transforms.yaml', import.meta.url), 'utf8')) as Vector[];

/** What becomes of the column `c` of a row: a value, a list, or why there is none. */
function run(transform: unknown, text: string | null | undefined, others: Texts = {}): Outcome | Fault {
  const names = ['c', ...Object.keys(others)];
  const compiled = compileTransform(transform, 'c', 't.c');
  const result = compiled.bind((name) => names.indexOf(name))([text, ...Object.values(others)]);
  return typeof result === 'string' && compiled.list !== null ? compiled.list(result) : result;
}

const map = { op: 'map', values: { NAM: '1', NU: '2', KHAC: null } };

describe('a transform', () => {
  it.each(vectors.flatMap(({ transform, row, good = [] }) => good.map(([text, outcome]) => ({ transform, row, text, outcome }))))(
    '$transform makes of $text: $outcome',
    ({ transform, row, text, outcome }) => {
      expect(run(transform, text, row)).toEqual(outcome);
    },
  );

  it.each(vectors.flatMap(({ transform, row, bad = [] }) => bad.map(([text, reason]) => ({ transform, row, text, reason }))))(
    '$transform refuses $text: $reason',
    ({ transform, row, text, reason }) => {
      expect(run(transform, text, row)).toEqual(expect.objectContaining({ reason, rule: 'V2' }));
    },
  );

  it('has a good row in the table for each of its operations, and a bad one where a text can be wrong', () => {
    const used = (which: 'good' | 'bad') =>
      new Set(
        vectors.flatMap(({ transform, [which]: rows = [] }) => (rows.length > 0 ? parseTransform(transform, '').map(({ op }) => op) : [])),
      );
    const never = ['nfc', 'trim', 'toString', 'digitsOnly', 'lpad', 'when', 'format'];
    expect(transformOps.filter((op) => !used('good').has(op as never))).toEqual([]);
    expect(transformOps.filter((op) => !used('bad').has(op as never) && !never.includes(op))).toEqual([]);
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
    [[{ op: 'trim' }, { op: 'each' }], /each .* must be the first/],
    [{ op: 'parseDate', format: 'dd/MM/yyyy', formats: ['yyyy'] }, /not both/],
    [{ op: 'scale', scale: -1 }, /scale/],
    [{ op: 'when', column: 'loai', in: [] }, /in:/],
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

const textList = fc.array(
  fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
  { minLength: 1 },
);

/** As PostgreSQL prints an array of texts. */
function printed(items: readonly string[]): string {
  return `{${items.map((item) => `"${item.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`).join(',')}}`;
}

describe('each', () => {
  it('reads back every list of texts, and first its first one', () => {
    fc.assert(
      fc.property(textList, (items) => {
        expect(run({ op: 'each' }, printed(items))).toEqual(items);
        expect(run({ op: 'first' }, printed(items))).toBe(items[0]);
      }),
    );
  });
});

describe('map', () => {
  it('is undone by the map with its pairs turned round', () => {
    const pairs = fc.uniqueArray(fc.tuple(fc.string(), fc.string()), { minLength: 1, selector: ([key]) => key });
    fc.assert(
      fc.property(
        pairs.filter(
          (all) =>
            new Set(all.map(([, value]) => value)).size === all.length &&
            all.every(([key, value]) => key !== '__proto__' && value !== '__proto__'),
        ),
        (all) => {
          const there = { op: 'map', values: Object.fromEntries(all) };
          const back = { op: 'map', values: Object.fromEntries(all.map(([key, value]) => [value, key])) };
          for (const [key] of all) expect(run([there, back], key)).toBe(key);
        },
      ),
    );
  });
});

describe('scale', () => {
  it('keeps the number, and toInt the whole one', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 10 }), (number, scale) => {
        const scaled = run({ op: 'scale', scale }, String(number));
        expect(run({ op: 'toInt' }, scaled as string)).toBe(String(number));
      }),
    );
  });
});

describe('nfc', () => {
  it('makes one text of all that look alike, once', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const composed = run({ op: 'nfc' }, text);
        expect(run({ op: 'nfc' }, text.normalize('NFD'))).toBe(composed);
        expect(run({ op: 'nfc' }, composed as string)).toBe(composed);
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
