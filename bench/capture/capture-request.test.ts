import { HelpAsked, UsageError } from '../harness/usage.js';
import { parseCaptureRequest } from './capture-request.js';

describe('what can be asked of bench:capture', () => {
  it('is everything that counts, where nothing is said', () => {
    expect(parseCaptureRequest([])).toMatchObject({
      rules: 'both',
      peer: 'debezium',
      compression: 'none',
      rows: 500_000,
      runs: 3,
      warmUpRows: 500_000,
      json: false,
      profile: false,
    });
  });

  it('is less in haste, but a JVM is warmed up all the same', () => {
    expect(parseCaptureRequest(['--quick'])).toMatchObject({ rows: 100_000, warmUpRows: 300_000 });
    expect(parseCaptureRequest(['--quick', '--peer', 'none'])).toMatchObject({ rows: 100_000, warmUpRows: 100_000 });
    expect(parseCaptureRequest(['--quick', '--rows', '20000'])).toMatchObject({ rows: 20_000, warmUpRows: 20_000 });
    expect(parseCaptureRequest(['--rows', '20000', '--warm-up', '50000'])).toMatchObject({ rows: 20_000, warmUpRows: 50_000 });
  });

  it('is one side or both', () => {
    expect(parseCaptureRequest(['--rules', 'off']).rules).toBe('off');
    expect(parseCaptureRequest(['--rules', 'on|off']).rules).toBe('both');
  });

  it.each([
    [['--rules', 'maybe']],
    [['--rows', '-1']],
    [['--rows', '1e5']],
    [['--runs', '0']],
    [['--peer', 'flink']],
    [['--what']],
    [['more']],
  ])('is not %j', (args) => expect(() => parseCaptureRequest(args)).toThrow(UsageError));

  it('is help', () => expect(() => parseCaptureRequest(['--help', '--rows', 'x'])).toThrow(HelpAsked));
});
