import type { CodeList } from '@truc/dictionary';
import { plainLetters } from './word.js';

/** More words than this are no local codes. */
const wordsMax = 40;

/**
 * Local words for the entries of a code list: each by the label that it is, or by the letter that it begins with where no other begins so.
 * @returns null unless every word stands for one entry and no two for the same
 */
export function listMap(words: readonly string[], list: CodeList): ReadonlyMap<string, string> | null {
  if (words.length < 2 || words.length > wordsMax) return null;
  const entries = list.entries().map(({ code, label }) => ({ code, names: [label?.vi ?? '', label?.en ?? '', code].map(squeezed) }));
  const codes = new Map<string, string>();
  for (const word of words) {
    const plain = squeezed(word);
    if (plain === '') return null;
    const same = entries.filter(({ names }) => names.includes(plain));
    const begun = entries.filter(({ names }) => /^[a-z]+$/.test(plain) && names.some((name) => name.startsWith(plain)));
    const found = [...new Set((same.length > 0 ? same : begun).map(({ code }) => code))];
    const [code] = found;
    if (code === undefined || found.length > 1) return null;
    codes.set(word, code);
  }
  return new Set(codes.values()).size === codes.size ? codes : null;
}

function squeezed(text: string): string {
  return plainLetters(text).replaceAll(/[^a-z0-9]/g, '');
}
