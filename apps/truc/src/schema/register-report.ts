import type { RegistryProblem } from '@truc/registry-client';
import type { Language } from '@truc/kernel';
import { printable } from './printable-text.js';

type Violation = RegistryProblem['violations'][number];

/** What became of a schema that was to be registered: the same in every format. */
export interface RegisterReport {
  /** `acceptable`: a dry run that found nothing against it. `present`: the subject has it already. */
  readonly verdict: 'registered' | 'present' | 'acceptable' | 'refused';
  readonly subject: string;
  /** Null where it is not registered. */
  readonly id: number | null;
  readonly version: number | null;
  /** The registry's sentence; null where nothing is wrong. */
  readonly message: string | null;
  /** All of them, with their place in the file. */
  readonly violations: readonly (Violation & { readonly file: string; readonly line: number; readonly column: number })[];
  /** Why it is incompatible with earlier versions, as the registry tells it. */
  readonly incompatibilities: readonly string[];
}

const texts = {
  registered: { en: 'registered as version {0} of {1}, id {2}', vi: 'đã đăng ký là phiên bản {0} của {1}, id {2}' },
  present: { en: '{1} has it already: version {0}, id {2}', vi: '{1} đã có lược đồ này: phiên bản {0}, id {2}' },
  acceptable: { en: '{1} would take it; nothing was registered', vi: '{1} sẽ nhận lược đồ này; chưa đăng ký gì' },
  refused: { en: '{1} does not take it; nothing was registered', vi: '{1} không nhận lược đồ này; chưa đăng ký gì' },
  incompatible: { en: 'incompatible with earlier versions', vi: 'không tương thích với phiên bản trước' },
} as const;

/** For a person. */
export function registerLines(
  { verdict, subject, id, version, message, violations, incompatibilities }: RegisterReport,
  language: Language,
): string[] {
  const [yes, expected, found] = language === 'vi' ? [': ', 'yêu cầu', 'thực tế'] : [': ', 'expected', 'found'];
  const verdictText = texts[verdict][language].replace('{0}', String(version)).replace('{1}', subject).replace('{2}', String(id));
  return [
    ...violations.map(({ file, line, column, rule, path, hint, ...each }) =>
      printable(`${file}:${line}:${column} ${rule} ${path}${yes}${expected} ${each.expected}, ${found} ${each.found}. ${hint}`),
    ),
    ...(incompatibilities.length === 0
      ? []
      : [`${texts.incompatible[language]}:`, ...incompatibilities.filter(isOfUse).map((each) => `  ${printable(each)}`)]),
    ...(message === null || violations.length + incompatibilities.length > 0 ? [] : [printable(message)]),
    printable(verdictText),
  ];
}

/** The whole of an old schema and the settings stand in the JSON; a person reads what is wrong, and with which version. */
function isOfUse(message: string): boolean {
  return !/^\{(oldSchema|validateFields):/.test(message);
}
