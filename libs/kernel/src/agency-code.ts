import { TrucError } from './truc-error.js';

/** An agency code as the law writes it: `G01`, `G12.34`, `H29.17.30` (Decision 20/2020/QD-TTg). */
export type AgencyCode = string;

const pattern = /^[A-Z][0-9]{2}(\.[A-Z0-9]{1,3})*$/;

export function isAgencyCode(text: string): boolean {
  return text.length <= 35 && pattern.test(text);
}

/**
 * The agency's part of topic, principal and schema names: lower case, dots as hyphens (`G12.34` is `g12-34`), so that a dot in a topic name always separates parts.
 * @throws TrucError AGENCY_CODE_INVALID
 */
export function agencySlug(code: AgencyCode): string {
  if (!isAgencyCode(code)) {
    throw new TrucError(
      'AGENCY_CODE_INVALID',
      `"${code}" is not an agency code: one capital letter and two digits, then groups of one to three capitals or digits after dots, as in G12.34`,
    );
  }
  return code.toLowerCase().replaceAll('.', '-');
}
