import { writeFileSync } from 'node:fs';
import { TrucError } from '@truc/kernel';
import { sentenceOf } from './failure.js';

describe('the sentence of an error', () => {
  it('is ours where it is ours', () => {
    expect(sentenceOf(new TrucError('X_Y', 'do this'))).toBe('do this');
  });

  it.each([
    ['ENOSPC', /^the disk is full at \/data\/x: make room on it, or choose another place with --directory/],
    ['53100', /^the disk is full at/],
    ['EFBIG', /ulimit -f unlimited/],
    ['EMFILE', /ulimit -n/],
    ['EACCES', /no permission at \/data\/x/],
  ])('says what to do about %s', (code, sentence) => {
    expect(sentenceOf(Object.assign(new Error('whatever'), { code, path: '/data/x' }))).toMatch(sentence);
  });

  it('names the place that a real error names', () => {
    let caught: unknown;
    try {
      writeFileSync('/dev/null/inside', '');
    } catch (error) {
      caught = error;
    }
    expect(sentenceOf(caught)).toMatch(/at \/dev\/null\/inside \(ENOTDIR\)/);
  });

  it('of what nobody foresaw says what to do as well', () => {
    expect(sentenceOf(new Error('odd'))).toBe(
      'something unexpected went wrong (odd): start again, and if it comes back, report it with the logs',
    );
  });
});
