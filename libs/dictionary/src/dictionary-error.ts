import { TrucError } from '@truc/kernel';

/** One thing that is wrong with a dictionary: where (a URN, or file:line:column) and what. */
export interface DictionaryProblem {
  readonly where: string;
  readonly what: string;
  /** The same in Vietnamese; absent where the sentence is another program's. */
  readonly vi?: string;
}

/** Everything that is wrong with a release, at once. Code DICTIONARY_RELEASE_INVALID or DICTIONARY_FILES_INVALID. */
export class DictionaryError extends TrucError {
  readonly problems: readonly DictionaryProblem[];

  constructor(code: 'DICTIONARY_RELEASE_INVALID' | 'DICTIONARY_FILES_INVALID', problems: readonly DictionaryProblem[]) {
    const shown = problems.slice(0, 20).map(({ where, what }) => `\n  ${where}: ${what}`);
    const more = problems.length > shown.length ? `\n  and ${problems.length - shown.length} more` : '';
    super(code, `the dictionary has ${problems.length} problem${problems.length === 1 ? '' : 's'}:${shown.join('')}${more}`);
    this.problems = problems;
  }
}
