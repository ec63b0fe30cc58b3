import { HelpAsked, UsageError } from '../harness/usage.js';
import { parseOverheadRequest } from './overhead-request.js';

describe('what the bench of overhead is asked for', () => {
  it('is its defaults, less with --quick, and what is named wins over both', () => {
    expect(parseOverheadRequest([])).toMatchObject({ rows: 20_000, runs: 3, json: false });
    expect(parseOverheadRequest(['--quick', '--json'])).toMatchObject({ rows: 2_000, runs: 1, json: true });
    expect(parseOverheadRequest(['--quick', '--rows', '500'])).toMatchObject({ rows: 500, runs: 1 });
  });

  it.each([['--rows', '99'], ['--rows', 'x'], ['--runs', '0'], ['--what'], ['more']])('refuses %s %s', (...args) => {
    expect(() => parseOverheadRequest(args)).toThrow(UsageError);
  });

  it('tells what there is', () => expect(() => parseOverheadRequest(['--help'])).toThrow(HelpAsked));
});
