import type { Language } from '@truc/kernel';
import { elementName, reasonSentence, ruleSentence } from '../quality/finding-text.js';
import { shareText } from '../quality/report-text.js';
import type { AssessedDataset, Assessment } from './assessment.js';
import { costLines } from './assess-cost.js';
import { assessText, stateText, type AssessWord } from './assess-text.js';
import type { MaskedExample } from './masked-examples.js';
import type { ShareEstimate } from './share-estimate.js';

/** Several lines of one cell. */
export type Cell = string | readonly string[];

/** One table of the assessment, the same for terminal and paper. */
export interface Section {
  readonly name: string;
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** Said where there are no rows; without it the section is left out then. */
  readonly nothing: string | null;
  /** Columns of program text. */
  readonly code?: readonly number[];
}

export function sectionsOf(assessment: Assessment, language: Language): Section[] {
  const say = (word: AssessWord): string => assessText[word][language];
  const { datasets, leftOut, mapping, cost } = assessment;
  const isProposed = mapping.kind === 'proposed';
  const sections: Section[] = [
    {
      name: 'datasets',
      title: say('datasets'),
      head: [
        ...(
          ['dataset', 'table', 'state', 'read', 'conforming', 'missing', 'malformed', 'unmatchedCodes', 'duplicate', 'columns'] as const
        ).map(say),
        ...(isProposed ? [say('confidence')] : []),
      ],
      rows: datasets.map((one) => datasetRow(one, isProposed, language)),
      nothing: say('nothing'),
    },
    {
      name: 'findings',
      title: say('findings'),
      head: (['dataset', 'element', 'column', 'rule', 'rows', 'share', 'reasons', 'examples'] as const).map(say),
      rows: datasets.flatMap((one) => findingRows(one, language)),
      nothing: say('nothing'),
    },
    {
      name: 'statements',
      title: say('statements'),
      head: (['table', 'rows', 'statement', 'instead'] as const).map(say),
      rows: datasets.flatMap(({ table, statements, reading }) =>
        statements.map(({ rows, sql, transform, referredBy }): Cell[] => [
          referredBy.length === 0 ? table : [table, `${say('referredBy')} ${referredBy.join(', ')}`],
          `${reading.kind === 'sample' ? '≥ ' : ''}${numberOf(rows, language)}`,
          `${sql};`,
          transform ?? '',
        ]),
      ),
      nothing: datasets.some(({ findings }) => findings.length > 0) ? say('noStatement') : null,
      code: [2, 3],
    },
    {
      name: 'unmatched',
      title: say('unmatched'),
      head: (['table', 'element', 'home', 'rows', 'examples'] as const).map(say),
      rows: datasets.flatMap(({ unmatchedCodes }) =>
        unmatchedCodes.flatMap(({ table, element, home, rows, examples }): Cell[][] =>
          rows === 0
            ? []
            : [[table, elementName(element), home, rows === null ? say('notTold') : numberOf(rows, language), examples.map(exampleText)]],
        ),
      ),
      nothing: null,
    },
    {
      name: 'elements',
      title: say('elements'),
      head: (['dataset', 'element', 'column', 'filled', 'conforming', 'rules'] as const).map(say),
      rows: datasets.flatMap(({ dataset, elements }) =>
        elements.map(({ element, label, column, filled, conforming, rules }): Cell[] => [
          dataset,
          `${label[language]} (${elementName(element)})`,
          column ?? '',
          filled === null ? '' : numberOf(filled, language),
          estimateText(conforming, language),
          Object.entries(rules).map(([rule, rows]) => `${rule}: ${numberOf(rows, language)}`),
        ]),
      ),
      nothing: null,
    },
    {
      name: 'cost',
      title: say('cost'),
      head: (['what', 'figure', 'assumption'] as const).map(say),
      rows: costLines(cost, language).map(({ what, figure, assumption }) => [what, figure, assumption]),
      nothing: null,
    },
    {
      name: 'leftOut',
      title: say('leftOut'),
      head: (['table', 'reason'] as const).map(say),
      rows: leftOut.map(({ table, reason }) => [table, reason ?? say('notMapped')]),
      nothing: null,
    },
  ];
  return sections.filter(({ rows, nothing }) => rows.length > 0 || nothing !== null);
}

function datasetRow(one: AssessedDataset, isProposed: boolean, language: Language): Cell[] {
  const { dataset, table, state, obstacles, rowsRead, rowsExpected, reading, conforming, codes, duplicatesAreComplete } = one;
  const isRead = state !== 'not-assessed';
  const count = (share: ShareEstimate): string => (isRead ? numberOf(share.rows, language) : '');
  const partly = reading.kind === 'sample' ? ` / ~${numberOf(rowsExpected, language)} (${shareText(reading.percent / 100, language)})` : '';
  return [
    dataset,
    table,
    [stateText(state, language), ...obstacles.map(({ message }) => message)],
    isRead ? `${numberOf(rowsRead, language)}${partly}` : '',
    isRead && rowsRead > 0 ? estimateText(conforming, language) : '',
    count(codes.missing),
    count(codes.malformed),
    count(codes.unmatched),
    isRead ? `${duplicatesAreComplete ? '' : '≥ '}${numberOf(codes.duplicate.rows, language)}` : '',
    `${one.mappedColumns}/${one.columns}`,
    ...(isProposed ? [one.confidence === null ? '' : `≥ ${shareText(one.confidence, language)}`] : []),
  ];
}

function findingRows({ dataset, findings, elements }: AssessedDataset, language: Language): Cell[][] {
  return findings.map(({ kind, rule, element, field, column, rows, reasons, examples }): Cell[] => {
    const label = elements.find((one) => one.element === element)?.label[language];
    const name = elementName(element) || field;
    return [
      dataset,
      label === undefined ? name : `${label} (${name})`,
      column ?? '',
      [`${rule} ${ruleSentence(rule, language)}`.trim(), ...(kind === 'marked' ? [assessText.passes[language]] : [])],
      numberOf(rows.rows, language),
      estimateText(rows, language),
      Object.entries(reasons).map(([reason, count]) => `${reasonSentence(reason, language)}: ${numberOf(count, language)}`),
      examples.map(exampleText),
    ];
  });
}

/** `•••••••••104 ×3 (12,5)`. */
function exampleText({ shown, rows, place }: MaskedExample): string {
  return `${shown}${rows > 1 ? ` ×${rows}` : ''}${place === null ? '' : ` ${place}`}`;
}

/** `97.5 %`, of a sample `97.5 % (96.1–98.4 %)`. */
function estimateText({ share, interval }: ShareEstimate, language: Language): string {
  const text = nearText(share, language);
  if (interval === null) return text;
  return `${text} (${nearText(interval.low, language).replace(' %', '')}–${nearText(interval.high, language)})`;
}

/** Only all is 100 %: what is nearly all is told with as many digits as it takes, or as more than can be told. */
function nearText(share: number, language: Language): string {
  if (share === 1 || share <= 0.999) return share === 1 ? '100 %' : shareText(share, language);
  const text = share > 0.9999 ? '> 99.99 %' : `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`;
  return language === 'vi' ? text.replace('.', ',') : text;
}

function numberOf(value: number, language: Language): string {
  return new Intl.NumberFormat(language === 'vi' ? 'vi-VN' : 'en-GB').format(value);
}
