import { isLeftBehind, uniqueTestName } from './test-name.js';

const HOUR_MS = 3_600_000;

describe('a name of a test', () => {
  it('is unique and fits databases, topics and slots', () => {
    const names = Array.from({ length: 1_000 }, () => uniqueTestName());
    expect(new Set(names).size).toBe(names.length);
    expect(names.every((name) => /^t[0-9a-z]{12}$/.test(name))).toBe(true);
  });

  it.each([
    [1, false],
    [3, true],
  ])('%i hours later is left behind: %s', (hours, expected) => {
    const made = Date.UTC(2026, 0, 1);
    const name = uniqueTestName(made);
    const now = made + hours * HOUR_MS;
    expect(isLeftBehind(name, 2 * HOUR_MS, now)).toBe(expected);
    expect(isLeftBehind(`${name}-topic`, 2 * HOUR_MS, now)).toBe(expected);
    expect(isLeftBehind(`${name}_slot`, 2 * HOUR_MS, now)).toBe(expected);
  });

  it.each(['postgres', 'template1', 'truc-positions', 'tax', 't00000000000000more'])('never takes %s for one', (name) => {
    expect(isLeftBehind(name, 0, Date.now())).toBe(false);
  });
});
