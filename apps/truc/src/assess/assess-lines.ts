import type { Language } from '@truc/kernel';
import { tableLines } from '../output-format.js';
import { printable } from '../schema/printable-text.js';
import type { Assessment } from './assessment.js';
import { assessNotes } from './assess-notes.js';
import { sectionsOf, type Cell, type Section } from './assess-sections.js';
import { assessText, originText, readingText, verdictLines } from './assess-text.js';

/** Cells of words are told below their table, where they would make it too wide. */
const cellCharsMax = 60;

/** The assessment for a terminal. */
export function assessLines(assessment: Assessment, language: Language): string[] {
  const { source, database, serverVersion, reader, dictionaryRelease, datasets } = assessment;
  const say = (word: keyof typeof assessText): string => assessText[word][language];
  const reading = readingText(datasets, language);
  return [
    `${source} · ${database} · PostgreSQL ${serverVersion} · ${say('readAs')} ${reader} · ${say('release')} ${dictionaryRelease}`,
    `${say('mapping')}: ${originText(assessment, language)}`,
    '',
    ...verdictLines(assessment, language),
    ...(reading === null ? [] : [reading]),
    ...sectionsOf(assessment, language).flatMap((section) => ['', ...sectionLines(section)]),
    '',
    `${say('notes')}:`,
    ...assessNotes[language].map((note) => `- ${note}`),
  ];
}

function sectionLines({ title, head, rows, nothing, code = [] }: Section): string[] {
  if (rows.length === 0) return [title.toUpperCase(), nothing ?? ''];
  if (code.length > 0) {
    // Statements are to be copied: they stand by themselves.
    return [
      title.toUpperCase(),
      ...rows.flatMap((cells) => [
        cells.flatMap((cell, column) => (code.includes(column) || flat(cell) === '' ? [] : [`${head[column]}: ${flat(cell)}`])).join(' · '),
        ...code.flatMap((column) =>
          flatLines(cells[column] ?? '').map((line, index) => `  ${column === code[0] || index > 0 ? '' : `${head[column]}: `}${line}`),
        ),
      ]),
    ];
  }
  const notes: string[] = [];
  const short = rows.map((cells) =>
    cells.map((cell) => {
      const text = flat(cell);
      if (text.length <= cellCharsMax || typeof cell === 'string') return text;
      const [first = '', ...rest] = cell;
      if (first.length > cellCharsMax) return text;
      notes.push(...rest.map((one) => `  ${flat(cells[0] ?? '')}: ${printable(one)}`));
      return printable(first);
    }),
  );
  return [title.toUpperCase(), ...tableLines(head, short), ...notes];
}

function flat(cell: Cell): string {
  return printable(typeof cell === 'string' ? cell : cell.join('; '));
}

function flatLines(cell: Cell): string[] {
  const text = typeof cell === 'string' ? cell : cell.join('\n');
  return text === '' ? [] : text.split('\n').map((line) => line.trimEnd());
}
