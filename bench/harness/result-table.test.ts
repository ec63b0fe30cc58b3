import { count, decimal, percent, resultTable } from './result-table.js';

describe('a table of results', () => {
  it('has columns of one width', () => {
    expect(
      resultTable([
        ['', 'rows/s'],
        ['ours', count(38_300.4)],
        ['theirs', count(null)],
      ]),
    ).toBe('        rows/s\n------  ------\nours    38,300\ntheirs       -\n');
  });

  it('shows numbers for people', () => {
    expect([decimal(39.44), decimal(null), decimal(1.234, 2), percent(0.0731), percent(-0.01)]).toEqual([
      '39.4',
      '-',
      '1.23',
      '7.3 %',
      '-1.0 %',
    ]);
  });
});
