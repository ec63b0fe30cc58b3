/** The lists of administrative units that a world lives by, as dictionary documents: both periods in one list, for a code means nothing without a date. */
import { communeEnglishName, communeFullName, provinceEnglishName } from './division.js';
import { fullName } from './provinces.js';
import type { World } from './world.js';

/** Entries valid "always" begin on this day. */
const always = '1900-01-01';

interface Entry {
  readonly code: string;
  readonly label: { readonly vi: string; readonly en: string } | null;
  readonly validFrom: string;
  readonly validTo: string | null;
}

/**
 * The code list `commune` as YAML: codes of the old division until the day before the merger, those of the new one from its first day. Most codes have both
 * periods, many under another name. Names are given for units in force only, which keeps the document under a megabyte.
 */
export function communeCodeLists({ division }: World): string {
  const { communesBefore, communesAfter, lastDayBefore, mergedOn } = division;
  const entries: Entry[] = [
    ...communesBefore.map(({ code }) => ({ code, label: null, validFrom: always, validTo: lastDayBefore })),
    ...communesAfter.map((commune) => ({
      code: commune.code,
      label: { vi: communeFullName(commune), en: communeEnglishName(commune) },
      validFrom: mergedOn,
      validTo: null,
    })),
  ];
  return codeListText('commune', { vi: 'Đơn vị hành chính cấp xã', en: 'Commune-level administrative units' }, entries);
}

/** The code list `province` as YAML, with both periods: residents' provinces are judged at the date of their rows too. */
export function provinceCodeList({ division }: World): string {
  const { provincesBefore, provincesAfter, lastDayBefore, mergedOn } = division;
  const label = (province: (typeof provincesAfter)[number]) => ({ vi: fullName(province), en: provinceEnglishName(province) });
  const entries: Entry[] = [
    ...provincesBefore.map((province) => ({ code: province.code, label: label(province), validFrom: always, validTo: lastDayBefore })),
    ...provincesAfter.map((province) => ({ code: province.code, label: label(province), validFrom: mergedOn, validTo: null })),
  ];
  return codeListText('province', { vi: 'Đơn vị hành chính cấp tỉnh', en: 'Province-level administrative units' }, entries);
}

/** Both lists as files to be applied with the dictionary, in the place of its own lists of these names. */
export function codeListFiles(world: World): { readonly path: string; readonly text: string }[] {
  return [
    { path: 'code-lists/province.yaml', text: provinceCodeList(world) },
    { path: 'code-lists/commune.yaml', text: communeCodeLists(world) },
  ];
}

function codeListText(name: string, label: { readonly vi: string; readonly en: string }, entries: readonly Entry[]): string {
  const sorted = entries.toSorted((a, b) => (a.code === b.code ? (a.validFrom < b.validFrom ? -1 : 1) : a.code < b.code ? -1 : 1));
  const lines = sorted.map(({ code, label: names, validFrom, validTo }) => {
    const named = names === null ? '' : `label: {vi: ${quoted(names.vi)}, en: ${quoted(names.en)}}, `;
    return `  - {code: '${code}', ${named}validFrom: ${validFrom}, validTo: ${validTo}}`;
  });
  return `codeList:
  id: urn:vn:ddict:codelist:${name}
  version: '1.1.0'
  label:
    vi: ${label.vi}
    en: ${label.en}
  source: null
  verification: seed
  note: Both periods of the demo's world; the codes of the first end on the day before the merger.
  status: approved
  entries:
${lines.join('\n')}
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
