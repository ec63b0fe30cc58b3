import { UsageError } from '../exit-code.js';

/** A parser of `--rule`. @throws UsageError */
export function ruleName(text: string): string {
  const rule = text.toUpperCase();
  if (/^V[1-9]$/.test(rule)) return rule;
  throw new UsageError(`--rule takes V1 to V9, not "${text}"`);
}

/** The number of an entry of a quarantine. @throws UsageError */
export function entryNumber(text: string): string {
  if (/^[0-9]{1,19}$/.test(text)) return text;
  throw new UsageError(`an entry is named by its number, as in 1024, not "${text}"`);
}
