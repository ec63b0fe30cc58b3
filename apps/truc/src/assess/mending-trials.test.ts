import type { RowReason } from '@truc/pipeline';
import { MendingTrials, type MendableColumn } from './mending-trials.js';

const reason = (rule: string, text: string, field = 'name'): RowReason => ({ rule, element: null, field, reason: text });

/** Names as rule V2 has them, codes of four digits of which those above 0500 are in their list. */
function judge([name, code]: readonly (string | null | undefined)[]): RowReason[] {
  const found: RowReason[] = [];
  if (typeof name === 'string' && name.trim() !== name) found.push(reason('V2', 'not-trimmed'));
  else if (typeof name === 'string' && name.includes('  ')) found.push(reason('V2', 'double-space'));
  else if (typeof name === 'string' && name.normalize('NFC') !== name) found.push(reason('V2', 'not-nfc'));
  if (typeof code === 'string' && !/^[0-9]{4}$/.test(code)) found.push(reason('V1', 'format', 'code'));
  else if (typeof code === 'string' && code > '0500') found.push(reason('V3', 'not-in-code-list', 'code'));
  return found;
}

function proven(rows: readonly (readonly [string | null, string | null])[], unique = false): string[] {
  const column = (name: string, place: number, digits: number | null): MendableColumn => ({
    name,
    place,
    fields: [name],
    digits,
    isUnique: unique && name === 'code',
  });
  const trials = new MendingTrials('s.t', [column('name', 0, null), column('code', 1, 4)], judge);
  for (const row of rows) trials.take(row, judge(row));
  return trials.proven().map(({ mending, rows: touched, made }) => `${mending.kind} ${mending.column} ${touched} [${made.join(' ')}]`);
}

describe('statements that are tried on rows in memory', () => {
  it.each([
    [
      'spaces at the ends',
      [
        [' An', '0001'],
        ['Ba\u00a0', '0002'],
        ['Tư', '0003'],
      ],
      ['trim name 2 []'],
    ],
    ['two spaces in a row', [['Lê  An', '0001']], ['single-space name 1 []']],
    ['marks that stand apart', [['Le\u0302', '0001']], ['nfc name 1 []']],
    [
      'all of it at once, one after the other',
      [[' Le\u0302  An', ' 001']],
      ['trim name 1 []', 'trim code 1 []', 'single-space name 1 []', 'nfc name 1 []', 'leading-zeros code 1 []'],
    ],
    [
      'lost zeros',
      [
        ['An', '001'],
        ['Ba', '123'],
        ['Tư', '0123'],
      ],
      ['leading-zeros code 2 []'],
    ],
    [
      'lost zeros, two of them',
      [
        ['An', '01'],
        ['Ba', '12'],
      ],
      ['leading-zeros code 2 []'],
    ],
    [
      'nothing',
      [
        [null, null],
        ['', ''],
        ['An', '0001'],
      ],
      [],
    ],
  ] as const)('mend %s', (_what, rows, statements) => {
    expect(proven(rows)).toEqual(statements);
  });

  it('are not proposed where one row of all that they touch would not be good', () => {
    expect(
      proven([
        ['An', '001'],
        ['Ba', '002'],
        ['Tư', '900'],
      ]),
    ).toEqual([]);
    // Of another length they are another statement.
    expect(
      proven([
        ['An', '001'],
        ['Ba', '9'],
      ]),
    ).toEqual(['leading-zeros code 1 []', 'leading-zeros code 1 []']);
    expect(
      proven([
        ['An', '001'],
        ['Ba', 'x1'],
      ]),
    ).toEqual(['leading-zeros code 1 []']);
  });

  it('are not proposed where one that has to be run before is not', () => {
    // Trimmed, the second code is that of the first row, which only one may have; so the third keeps its space as well.
    expect(
      proven(
        [
          ['An', '0001'],
          ['Ba', ' 0002'],
          ['Ba', '0002 '],
          ['Tư', ' 003'],
        ],
        true,
      ),
    ).toEqual([]);
  });

  it('are not proposed where two rows would come to have one code that only one may have', () => {
    expect(
      proven(
        [
          ['An', '001'],
          ['Ba', '002'],
        ],
        true,
      ),
    ).toEqual(['leading-zeros code 2 [0001 0002]']);
    expect(
      proven(
        [
          ['An', '001'],
          ['Ba', '001'],
        ],
        true,
      ),
    ).toEqual([]);
    expect(
      proven([
        ['An', '001'],
        ['Ba', '001'],
      ]),
    ).toEqual(['leading-zeros code 2 []']);
  });
});
