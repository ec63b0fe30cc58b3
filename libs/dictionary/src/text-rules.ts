import { digitsPattern } from './digits-pattern.js';
import type { ValueDomain } from './entry.js';
import { linearPattern } from './linear-pattern.js';
import type { ValueReason } from './value-violation.js';

export type TextTest = (text: string) => ValueReason | null;

/** Length and pattern of a text domain; null where it limits neither. */
export function formTest(domain: ValueDomain): TextTest | null {
  const { minLength, maxLength, pattern } = domain;
  const length = minLength === null && maxLength === null ? null : lengthTest(minLength ?? 0, maxLength ?? Infinity);
  const matches = pattern === null ? null : (digitsPattern(pattern) ?? linearPattern(pattern));
  if (length === null && matches === null) return null;
  return (text) => length?.(text) ?? (matches !== null && !matches(text) ? 'pattern' : null);
}

function lengthTest(min: number, max: number): TextTest {
  return (text) => {
    const units = text.length;
    // There are at most as many code points as units and at least half as many, so they are counted at the edges only.
    if (units <= max && units >= 2 * min) return null;
    const points = codePoints(text);
    return points < min ? 'too-short' : points > max ? 'too-long' : null;
  };
}

function codePoints(text: string): number {
  let points = text.length;
  for (let at = 0; at < text.length - 1; at++) {
    const isHigh = (text.charCodeAt(at) & 0xfc00) === 0xd800;
    if (isHigh && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00) points--;
  }
  return points;
}

/** Rule V5: what has no place in UTF-8 text that databases exchange. */
export const encodingTest: TextTest = (text) => (text.includes('\0') ? 'nul' : text.isWellFormed() ? null : 'lone-surrogate');

const control = /[\u0000-\u001f\u007f-\u009f]/;

/** Check rule `nfc-trimmed`: composed Unicode, no space at either end, no two spaces in a row, no control characters. */
export const nfcTrimmedTest: TextTest = (text) => {
  if (text.trim().length !== text.length) return 'not-trimmed';
  if (text.includes('  ')) return 'double-space';
  if (control.test(text)) return 'control-character';
  return text.normalize('NFC') === text ? null : 'not-nfc';
};
