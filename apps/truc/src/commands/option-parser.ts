import { UsageError } from '../exit-code.js';
import type { Language } from '@truc/kernel';

/** A parser of a whole number within bounds. @throws UsageError */
export function wholeNumber(option: string, minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = Number(text.replaceAll('_', ''));
    if (text.trim() === '' || !Number.isInteger(value) || value < minimum || value > maximum) {
      throw new UsageError(`${option} takes a whole number from ${minimum} to ${maximum}, not "${text}"`);
    }
    return value;
  };
}

/** A parser of one of some words. It knows which, so that shells can complete them. @throws UsageError */
export interface WordParser<Word extends string> {
  (text: string): Word;
  readonly words: readonly Word[];
}

export function oneOf<Word extends string>(option: string, words: readonly Word[]): WordParser<Word> {
  const parse = (text: string): Word => {
    const word = words.find((known) => known === text.toLowerCase());
    if (word === undefined) throw new UsageError(`${option} takes ${words.join(words.length === 2 ? ' or ' : ', ')}, not "${text}"`);
    return word;
  };
  return Object.assign(parse, { words });
}

export const language = oneOf<Language>('--lang', ['vi', 'en']);

/** The end of a command's help: every command has an example. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}\n`;
}
