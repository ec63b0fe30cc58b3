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

/** @throws UsageError */
export function language(text: string): Language {
  if (text === 'vi' || text === 'en') return text;
  throw new UsageError(`--lang takes vi or en, not "${text}"`);
}

/** The end of a command's help: every command has an example. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}\n`;
}
