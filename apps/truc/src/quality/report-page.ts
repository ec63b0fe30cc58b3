import type { QualityDataset, QualityLine, QualityReport } from '@truc/pipeline';
import type { Language } from '@truc/kernel';
import { ageText, elementName, reasonSentence, ruleSentence } from './finding-text.js';
import { reportNotes, reportText, shareText } from './report-text.js';

const timeZone = 'Asia/Ho_Chi_Minh';

type Say = (name: keyof typeof reportText) => string;

/** One page without scripts or anything from elsewhere, made for A4: heads are repeated on every sheet, no row is cut, and nothing is told by colour alone. */
export function reportPage(report: QualityReport, language: Language): string {
  const say: Say = (name) => reportText[name][language];
  const { days, datasets, lines, unanswered, madeAtMs } = report;
  const madeAt = new Intl.DateTimeFormat(localeOf(language), {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone,
  }).format(madeAtMs);
  const range = `${days[0] ?? ''} – ${days.at(-1) ?? ''}`;
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${say('title')}</title>
<style>${style}</style>
</head>
<body>
<h1>${say('title')}</h1>
<p>${say('madeAt')} ${escape(madeAt)}; ${range}</p>
<h2>${say('datasets')}</h2>
${table(
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
    : table(
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
<ul>${reportNotes[language].map((note) => `<li>${escape(note)}</li>`).join('')}</ul>
</body>
</html>
`;
}

function datasetCells(
  { agency, dataset, judged, heldRows, staleRows, oldestHeldAtMs, refused, released }: QualityDataset,
  { days, madeAtMs }: QualityReport,
  language: Language,
  say: Say,
): string[] {
  const since =
    judged === null
      ? ''
      : ` (${say('since')} ${new Intl.DateTimeFormat(localeOf(language), { dateStyle: 'short', timeZone }).format(judged.sinceMs)})`;
  return [
    escape(agency),
    escape(dataset),
    number(judged?.rows ?? null, language) + since,
    number(heldRows, language),
    number(staleRows, language),
    ageText(oldestHeldAtMs, madeAtMs, language),
    columnsOf(refused, days),
    columnsOf(released, days),
  ];
}

function lineCells(line: QualityLine, { days }: QualityReport, language: Language, say: Say): string[] {
  const { counted } = line;
  const element = elementName(line.element) || (line.field ?? '') || say('wholeRow');
  const reasons = Object.entries(line.reasons).map(([reason, rows]) => `<li>${escape(reasonSentence(reason, language))}: ${rows}</li>`);
  const forms = line.examples.flatMap(({ form }) => (form === null ? [] : [`<li><code>${escape(form)}</code></li>`]));
  return [
    escape(line.agency),
    escape(line.dataset),
    `<b>${escape(line.rule)}</b> ${escape(ruleSentence(line.rule, language))}`,
    escape(element).replaceAll(/([.\-_])/g, '$1<wbr>'),
    number(line.heldRows, language),
    number(counted === null ? null : counted.quarantined + counted.stopped, language),
    number(counted?.marked ?? null, language),
    shareText(line.share, language).replaceAll('<', '&lt;').replaceAll(' ', '&nbsp;'),
    columnsOf(line.trend, days),
    reasons.length === 0 ? '' : `<ul>${reasons.join('')}</ul>`,
    forms.length === 0 ? '' : `<ul>${forms.join('')}</ul>`,
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

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const body = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`);
  return `<table>\n<thead><tr>${head.map((cell) => `<th scope="col">${escape(cell)}</th>`).join('')}</tr></thead>\n<tbody>\n${body.join('\n')}\n</tbody>\n</table>`;
}

function number(value: number | null, language: Language): string {
  return value === null ? '' : new Intl.NumberFormat(localeOf(language)).format(value);
}

function localeOf(language: Language): string {
  return language === 'vi' ? 'vi-VN' : 'en-GB';
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const style = `
@page { size: A4 landscape; margin: 12mm; }
body { font: 10pt/1.4 system-ui, 'Noto Sans', 'Segoe UI', sans-serif; color: #111; max-width: 1200px; margin: 1.5rem auto; padding: 0 1rem; }
h1 { font-size: 16pt; margin: 0; } h2 { font-size: 12pt; margin: 1.2rem 0 .4rem; break-after: avoid; }
table { border-collapse: collapse; width: 100%; font-size: 8.5pt; } thead { display: table-header-group; }
th, td { text-align: left; vertical-align: top; padding: .25rem .4rem; border-bottom: 1px solid #999; } th { border-bottom: 2px solid #111; }
tr { break-inside: avoid; } td ul { margin: 0; padding-left: 1em; } code { white-space: pre-wrap; overflow-wrap: anywhere; }
svg { vertical-align: middle; } svg rect { fill: #333; } svg path { stroke: #999; }
@media print { body { margin: 0; padding: 0; max-width: none; } }
`;
