import { cpuSecondsOf, cpuSecondsOfStat } from './process-cpu.js';

describe('CPU seconds of a process', () => {
  it('are user and system time, whatever the program is called', () => {
    const rest = 'S 1 2 3 0 -1 4194560 10 20 30 40 1234 66 7 8 20 0 1 0 99 1000';
    expect(cpuSecondsOfStat(`42 (node) ${rest}`)).toBe(13);
    expect(cpuSecondsOfStat(`42 (postgres: walsender (x) 1) ${rest}`)).toBe(13);
  });

  it('are unknown for a text of another form, and for a process that is not there', () => {
    expect(cpuSecondsOfStat('')).toBeNull();
    expect(cpuSecondsOfStat('42 (node) S 1')).toBeNull();
    expect(cpuSecondsOf(null)).toBeNull();
    expect(cpuSecondsOf(2 ** 30)).toBeNull();
  });

  (process.platform === 'linux' ? it : it.skip)('of this process are more than nothing (there is no /proc elsewhere)', () => {
    expect(cpuSecondsOf(process.pid)).toBeGreaterThan(0);
  });
});
