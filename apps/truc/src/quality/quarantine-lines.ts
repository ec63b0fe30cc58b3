import type { QualityReport, ShownHeldRow } from '@truc/pipeline';
import type { Language } from '@truc/kernel';
import { tableLines } from '../output-format.js';
import { printable } from '../schema/printable-text.js';
import { ageText, elementName, reasonSentence, ruleSentence } from './finding-text.js';

/** What is held now, by dataset, rule and field. */
export function heldLines({ lines, datasets, unanswered, madeAtMs }: QualityReport): string[] {
  const held = lines.filter(({ heldRows }) => heldRows > 0);
  const rows = held.map((line) => [
    line.agency,
    line.dataset,
    line.rule,
    elementName(line.element) || (line.field ?? ''),
    reasonsText(line.reasons),
    String(line.heldRows),
    ageText(line.oldestHeldAtMs, madeAtMs),
    ageText(line.newestHeldAtMs, madeAtMs),
    line.examples[0]?.entry ?? '',
  ]);
  const total = datasets.reduce((sum, { heldRows }) => sum + heldRows, 0);
  const stale = datasets.reduce((sum, { staleRows }) => sum + staleRows, 0);
  return [
    ...(rows.length === 0
      ? ['nothing is held']
      : tableLines(['agency', 'dataset', 'rule', 'element', 'reasons', 'rows', 'oldest', 'newest', 'an entry'], rows)),
    '',
    `${total} rows are held; of ${stale} of them consumers keep an earlier version. A row counts under every rule that it breaks.`,
    ...leftOut(datasets),
    ...unanswered.map(({ agency, dataset, reason }) => `${agency} ${dataset}: ${printable(reason)}`),
  ];
}

export function shownRowLines(row: ShownHeldRow, language: Language, nowMs: number): string[] {
  const states = {
    en: {
      held: 'held',
      'held-anew': `held, now by entry ${row.newerEntry}`,
      released: 'held no more',
    },
    vi: { held: 'đang cách ly', 'held-anew': `đang cách ly theo mục ${row.newerEntry}`, released: 'đã được giải phóng' },
  }[language];
  const text = {
    en: {
      since: 'for',
      stale: 'consumers keep an earlier version of it',
      fresh: 'no version of it was published',
      reasons: 'reasons',
      columns: 'columns, by their form',
    },
    vi: {
      since: 'từ',
      stale: 'bên nhận vẫn giữ phiên bản hợp lệ trước đó',
      fresh: 'chưa có phiên bản nào được công bố',
      reasons: 'lý do',
      columns: 'các cột (chỉ hiển thị dạng)',
    },
  }[language];
  return [
    `${row.agency} ${row.dataset} ${row.entry}: ${states[row.state]}, ${text.since} ${ageText(row.heldAtMs, nowMs)}; ${row.isStale ? text.stale : text.fresh}`,
    `${row.table}, ${row.position}`,
    '',
    `${text.reasons}:`,
    ...row.reasons.map(
      ({ rule, element, field, column, reason }) =>
        `  ${rule} ${column ?? field} (${elementName(element)}): ${reasonSentence(reason, language)} — ${ruleSentence(rule, language)}`,
    ),
    '',
    `${text.columns}:`,
    ...tableLines(
      [],
      row.columns.map(({ column, form }) => [`  ${column}`, form === null ? 'NULL' : JSON.stringify(form)]),
    ).slice(1),
  ];
}

/** `double-space 3, too-long 1`, the commonest first. */
export function reasonsText(reasons: Readonly<Record<string, number>>): string {
  return Object.entries(reasons)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, rows]) => `${reason} ${rows}`)
    .join(', ');
}

function leftOut(datasets: QualityReport['datasets']): string[] {
  return datasets.flatMap(({ agency, dataset, heldRows, linesLeftOut, rowsLeftOut, unreadable }) => [
    ...(rowsLeftOut > 0
      ? [
          `${agency} ${dataset}: ${heldRows} rows are shown, and at most ${rowsLeftOut} more are held that are not; find what ails the source first (truc_capture_findings)`,
        ]
      : []),
    ...(linesLeftOut > 0 ? [`${agency} ${dataset}: ${linesLeftOut} more rules and fields are left out`] : []),
    ...(unreadable > 0 ? [`${agency} ${dataset}: ${unreadable} records of its quarantine cannot be read`] : []),
  ]);
}
