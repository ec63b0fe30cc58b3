import type { QualityDataset, QualityLine, QualityReport } from '@truc/pipeline';
import type { Language } from '@truc/kernel';
import { breakable, dayText, escape, momentText, numberText, pageList, pageTable, printedPage } from '../page/printed-page.js';
import { ageText, elementName, reasonSentence, ruleSentence } from './finding-text.js';
import { reportNotes, reportText, shareText } from './report-text.js';

type Say = (name: keyof typeof reportText) => string;

export function reportPage(report: QualityReport, language: Language): string {
  const say: Say = (name) => reportText[name][language];
  const { days, datasets, lines, unanswered, madeAtMs } = report;
  const range = `${days[0] ?? ''} – ${days.at(-1) ?? ''}`;
  const body = `<p>${say('madeAt')} ${escape(momentText(madeAtMs, language))}; ${range}</p>
<h2>${say('datasets')}</h2>
${pageTable(
  [
    say('agency'),
    say('dataset'),
    say('judged'),
    say('held'),
    say('stale'),
    say('oldest'),
    `${say('refused')}, ${say('trend')}`,
    `${say('released')}, ${say('trend')}`,
  ],
  datasets.map((one) => datasetCells(one, report, language, say)),
)}
${datasets.flatMap(({ agency, dataset, linesLeftOut, rowsLeftOut, unreadable }) => (linesLeftOut + rowsLeftOut + unreadable > 0 ? [`<p>${escape(agency)} ${escape(dataset)}: +${linesLeftOut}, ≤ ${rowsLeftOut} / ${unreadable} ?</p>`] : [])).join('\n')}
<h2>${say('findings')}</h2>
${
  lines.length === 0
    ? `<p>${say('nothing')}</p>`
    : pageTable(
        [
          say('agency'),
          say('dataset'),
          say('rule'),
          say('element'),
          say('held'),
          say('refused'),
          say('marked'),
          say('share'),
          say('trend'),
          say('reasons'),
          say('examples'),
        ],
        lines.map((line) => lineCells(line, report, language, say)),
      )
}
${unanswered.length === 0 ? '' : `<h2>${say('unanswered')}</h2>\n<ul>${unanswered.map(({ agency, dataset, reason }) => `<li>${escape(agency)} ${escape(dataset)}: ${escape(reason)}</li>`).join('')}</ul>`}
<h2>${say('notes')}</h2>
<ul>${reportNotes[language].map((note) => `<li>${escape(note)}</li>`).join('')}</ul>`;
  return printedPage({ title: say('title'), language, body });
}

function datasetCells(
  { agency, dataset, judged, heldRows, staleRows, oldestHeldAtMs, refused, released }: QualityDataset,
  { days, madeAtMs }: QualityReport,
  language: Language,
  say: Say,
): string[] {
  const since = judged === null ? '' : ` (${say('since')} ${dayText(judged.sinceMs, language)})`;
  return [
    escape(agency),
    escape(dataset),
    numberText(judged?.rows ?? null, language) + since,
    numberText(heldRows, language),
    numberText(staleRows, language),
    ageText(oldestHeldAtMs, madeAtMs, language),
    columnsOf(refused, days),
    columnsOf(released, days),
  ];
}

function lineCells(line: QualityLine, { days }: QualityReport, language: Language, say: Say): string[] {
  const { counted } = line;
  const element = elementName(line.element) || (line.field ?? '') || say('wholeRow');
  const reasons = Object.entries(line.reasons).map(([reason, rows]) => `${escape(reasonSentence(reason, language))}: ${rows}`);
  const forms = line.examples.flatMap(({ form }) => (form === null ? [] : [`<code>${escape(form)}</code>`]));
  return [
    escape(line.agency),
    escape(line.dataset),
    `<b>${escape(line.rule)}</b> ${escape(ruleSentence(line.rule, language))}`,
    breakable(element),
    numberText(line.heldRows, language),
    numberText(counted === null ? null : counted.quarantined + counted.stopped, language),
    numberText(counted?.marked ?? null, language),
    shareText(line.share, language).replaceAll('<', '&lt;').replaceAll(' ', '&nbsp;'),
    columnsOf(line.trend, days),
    pageList(reasons),
    pageList(forms),
  ];
}

/** A column for each day with its rows; beside it the sum, since a picture alone cannot be read aloud. */
function columnsOf(trend: readonly number[], days: readonly string[]): string {
  const highest = Math.max(...trend, 1);
  const bars = trend.map((rows, index) => {
    const height = rows === 0 ? 0 : Math.max(1, Math.round((rows / highest) * 20));
    return `<rect x="${index * 5}" y="${20 - height}" width="4" height="${height}"><title>${days[index] ?? ''}: ${rows}</title></rect>`;
  });
  const sum = trend.reduce((total, rows) => total + rows, 0);
  return `<svg role="img" aria-label="${trend.join(', ')}" width="${trend.length * 5}" height="21" viewBox="0 0 ${trend.length * 5} 21"><path d="M0 20.5H${trend.length * 5}"/>${bars.join('')}</svg> ${sum}`;
}
