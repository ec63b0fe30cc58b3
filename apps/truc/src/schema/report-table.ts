import type { Language } from '@truc/kernel';
import { tableLines } from '../output-format.js';
import { printable } from './printable-text.js';
import type { PlacedViolation, SchemaReport } from './schema-report.js';

const texts = {
  head: { en: ['place', 'rule', 'element', 'expected', 'found'], vi: ['vị trí', 'quy tắc', 'phần tử', 'yêu cầu', 'thực tế'] },
  warnings: { en: 'warnings', vi: 'cảnh báo' },
  incompatible: { en: 'incompatible with earlier versions', vi: 'không tương thích với phiên bản trước' },
  todo: { en: 'what to do', vi: 'cách khắc phục' },
  notEvaluated: { en: 'not evaluated, for want of', vi: 'chưa xét được vì thiếu' },
  fine: { en: 'no violations', vi: 'không có vi phạm' },
  one: { en: '1 violation', vi: '1 vi phạm' },
  many: { en: '{0} violations', vi: '{0} vi phạm' },
  by: { en: 'judged by release {0} of the dictionary', vi: 'xét theo bản phát hành {0} của từ điển' },
  asNew: { en: 'as a new subject', vi: 'như một chủ đề mới' },
} as const;

const cellMax = 60;

/** The report for a person: every violation in a line, what to do once for each kind, and what could not be judged. */
export function reportTable(
  { violations, warnings, incompatibilities, notEvaluated, release, subject, files }: SchemaReport,
  language: Language,
): string[] {
  const count = violations.length;
  const counted =
    count === 0 ? texts.fine[language] : count === 1 ? texts.one[language] : texts.many[language].replace('{0}', String(count));
  const of = subject ?? texts.asNew[language];
  const summary = `${files.join(', ')}: ${counted}, ${texts.by[language].replace('{0}', String(release))}, ${of}`;
  return [
    ...(count === 0 ? [] : [...rowsOf(violations, language), '', ...todo(violations, language), '']),
    ...(warnings.length === 0 ? [] : [`${texts.warnings[language]}:`, ...rowsOf(warnings, language), '', ...todo(warnings, language), '']),
    ...(incompatibilities.length === 0 ? [] : [`${texts.incompatible[language]}:`]),
    ...incompatibilities.map(({ file, line, column, path, message }) => `  ${file}:${line}:${column}: ${path} ${printable(message)}`),
    ...(incompatibilities.length === 0 ? [] : ['']),
    ...(notEvaluated.length === 0 ? [] : [`${texts.notEvaluated[language]}:`]),
    ...needsOf(notEvaluated),
    ...(notEvaluated.length === 0 ? [] : ['']),
    summary,
  ];
}

/** A line for each thing that is missing, with the rules that would need it. */
function needsOf(notEvaluated: SchemaReport['notEvaluated']): string[] {
  const rules = new Map<string, string[]>();
  for (const { rule, needs } of notEvaluated) rules.set(needs, [...(rules.get(needs) ?? []), rule]);
  return [...rules].map(([needs, of]) => `  ${of.join(', ').padEnd(3)}  ${needs}`);
}

function rowsOf(violations: readonly PlacedViolation[], language: Language): string[] {
  const rows = violations.map(({ file, line, column, rule, path, element, expected, found }) => [
    `${file}:${line}:${column}`,
    rule,
    cut(element === null ? path : element.replace(/^urn:vn:ddict:element:/, '')),
    cut(expected),
    cut(found),
  ]);
  return tableLines(texts.head[language], rows);
}

function todo(violations: readonly PlacedViolation[], language: Language): string[] {
  const hints = new Map(violations.map(({ rule, hint }) => [hint, rule]));
  return [`${texts.todo[language]}:`, ...[...hints].map(([hint, rule]) => `  ${rule.padEnd(3)}  ${hint}`)];
}

function cut(text: string): string {
  const characters = [...printable(text)];
  return characters.length <= cellMax ? characters.join('') : `${characters.slice(0, cellMax - 1).join('')}…`;
}
