import { reasonOf } from './log-file.js';

describe('the line of an output that says what went wrong', () => {
  it('is the first one that calls itself an error, without colours', () => {
    expect(reasonOf('\x1b[0mstarting\n\x1b[31mERROR\x1b[0m: no room\nbye\n')).toBe('ERROR: no room');
  });

  it('is else the last one, and never long', () => {
    expect(reasonOf('one\ntwo\n\n')).toBe('two');
    expect(reasonOf('x'.repeat(1_000))).toHaveLength(300);
    expect(reasonOf(' \n')).toBe('it said nothing');
  });
});
