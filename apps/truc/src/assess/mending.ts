import { sqlName, sqlTable } from '@truc/source-survey';

/** A change of a column's text that is right for every row that its statement touches. */
export interface Mending {
  readonly kind: 'trim' | 'nfc' | 'single-space' | 'leading-zeros';
  readonly table: string;
  readonly column: string;
  /** Digits that the statement touches and makes, for zeros that were lost. */
  readonly digits: { readonly from: number; readonly to: number } | null;
}

/** What String.prototype.trim takes for white space, which is what the rules judge by. */
const spaces =
  '\\t\\n\\u000b\\f\\r \\u00a0\\u1680\\u2000\\u2001\\u2002\\u2003\\u2004\\u2005\\u2006\\u2007\\u2008\\u2009\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff';

/** The text as the statement would leave it; the same text where the statement does not touch it. */
export function mended({ kind, digits }: Mending, text: string): string {
  switch (kind) {
    case 'trim':
      return text.trim();
    case 'nfc':
      return text.normalize('NFC');
    case 'single-space':
      return text.replaceAll(/ {2,}/g, ' ');
    case 'leading-zeros':
      return digits !== null && text.length === digits.from && /^[0-9]+$/.test(text) ? text.padStart(digits.to, '0') : text;
  }
}

/** The statement; it holds no value of a row. */
export function mendingSql({ kind, table, column, digits }: Mending): string {
  const name = sqlName(column);
  const update = (value: string, where: string): string => `UPDATE ${sqlTable(table)} SET ${name} = ${value}\n WHERE ${where}`;
  switch (kind) {
    case 'trim':
      return update(`btrim(${name}, E'${spaces}')`, `${name} <> btrim(${name}, E'${spaces}')`);
    case 'nfc':
      return update(`normalize(${name}, NFC)`, `${name} IS NOT NFC NORMALIZED`);
    case 'single-space':
      return update(`regexp_replace(${name}, ' {2,}', ' ', 'g')`, `${name} LIKE '%  %'`);
    case 'leading-zeros':
      return update(`lpad(${name}, ${digits?.to ?? 0}, '0')`, `${name} ~ '^[0-9]{${digits?.from ?? 0}}$'`);
  }
}

/** What a mapping entry would say instead, where the column is to stay as it is; null where no operation does the same. */
export function mendingTransform({ kind, digits }: Mending): string | null {
  switch (kind) {
    case 'trim':
    case 'nfc':
      return `{ op: ${kind} }`;
    case 'single-space':
      return null;
    case 'leading-zeros':
      return `{ op: lpad, length: ${digits?.to ?? 0}, fill: '0' }`;
  }
}
