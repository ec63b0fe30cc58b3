import type { QualityReport } from '@truc/pipeline';
import type { Language } from '@truc/kernel';
import { tableLines } from '../output-format.js';
import { printable } from '../schema/printable-text.js';
import { ageText, elementName } from './finding-text.js';
import { reasonsText } from './quarantine-lines.js';
import { reportNotes, reportText, shareText, trendText } from './report-text.js';

/** The quality report for a terminal. */
export function reportLines({ datasets, lines, unanswered, madeAtMs }: QualityReport, language: Language): string[] {
  const say = (name: keyof typeof reportText): string => reportText[name][language];
  const datasetRows = datasets.map((one) => [
    one.agency,
    one.dataset,
    one.judged === null ? '' : String(one.judged.rows),
    String(one.heldRows),
    String(one.staleRows),
    ageText(one.oldestHeldAtMs, madeAtMs),
    trendText(one.refused),
    trendText(one.released),
  ]);
  const rows = lines.map((line) => [
    line.agency,
    line.dataset,
    line.rule,
    elementName(line.element) || (line.field ?? '') || say('wholeRow'),
    String(line.heldRows),
    line.counted === null ? '' : String(line.counted.quarantined + line.counted.stopped),
    line.counted === null ? '' : String(line.counted.marked),
    shareText(line.share, language),
    trendText(line.trend),
    reasonsText(line.reasons),
    line.examples.flatMap(({ form }) => (form === null ? [] : [JSON.stringify(form)]))[0] ?? '',
  ]);
  return [
    ...tableLines([...(['agency', 'dataset', 'judged', 'held', 'stale', 'oldest', 'refused', 'released'] as const).map(say)], datasetRows),
    '',
    ...(rows.length === 0
      ? [say('nothing')]
      : tableLines(
          [
            ...(
              ['agency', 'dataset', 'rule', 'element', 'held', 'refused', 'marked', 'share', 'trend', 'reasons', 'examples'] as const
            ).map(say),
          ],
          rows,
        )),
    ...unanswered.map(({ agency, dataset, reason }) => `${say('unanswered')}: ${agency} ${dataset}: ${printable(reason)}`),
    '',
    ...reportNotes[language],
  ];
}
