import type { Language } from '@truc/kernel';
import { findingText, type FindingCode } from './finding-text.js';

/** `missing`: capturing does not work without it, or may harm the source; `risk`: it works, and somebody should know; `note`: good to know. */
export const severities = ['missing', 'risk', 'note'] as const;
export type Severity = (typeof severities)[number];

/** One thing that a survey found. Holds names and numbers of the catalogue, no values of rows. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** `server`, a role, a publication, or `schema.table`. */
  readonly place: string;
  /** Keys that end in Bytes are sizes, in Hours durations. */
  readonly values: Readonly<Record<string, string | number>>;
  /** What mends it, statement by statement; empty where no statement does. */
  readonly sql: readonly string[];
}

/** What is wrong and what to do about it, for a person. */
export function findingSentence({ code, place, values }: Finding, language: Language): string {
  return findingText[code][language].replaceAll(/\{([a-zA-Z]+)\}/g, (whole, name: string) => {
    if (name === 'place') return place;
    const value = values[name];
    if (value === undefined) return whole;
    if (typeof value === 'string') return value;
    if (name.endsWith('Bytes')) return sizeText(value, language);
    return numberText(value, language, name.endsWith('Hours') && value < 10 ? 1 : 0);
  });
}

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Multiples of 1024, as PostgreSQL writes sizes: `1.5 GB`. */
export function sizeText(bytes: number, language: Language): string {
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** step;
  return `${numberText(value, language, step > 0 && value < 10 ? 1 : 0)} ${units[step]}`;
}

function numberText(value: number, language: Language, digits: number): string {
  return value.toLocaleString(language === 'vi' ? 'vi-VN' : 'en-US', { maximumFractionDigits: digits });
}

export function isMissing({ severity }: Finding): boolean {
  return severity === 'missing';
}
