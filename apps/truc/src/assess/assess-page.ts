import type { Language } from '@truc/kernel';
import { breakable, escape, momentText, pageList, pageTable, printedPage } from '../page/printed-page.js';
import type { Assessment } from './assessment.js';
import { assessNotes } from './assess-notes.js';
import { sectionsOf, type Cell, type Section } from './assess-sections.js';
import { assessText, originText, readingText, verdictLines, type AssessWord } from './assess-text.js';
import { digestOf } from './assess-value.js';

/** The assessment on paper, with room for who made it and who answers for it. The digest ties what was signed to the figures that programs read. */
export function assessPage(assessment: Assessment, language: Language): string {
  const say = (word: AssessWord): string => assessText[word][language];
  const { source, database, serverVersion, reader, dictionaryRelease, datasets, madeAtMs } = assessment;
  const [verdict = '', ...sentences] = verdictLines(assessment, language);
  const reading = readingText(datasets, language);
  const facts = [
    `${say('source')} <b>${escape(source)}</b> (${escape(database)}, PostgreSQL ${escape(serverVersion)}, ${say('readAs')} ${escape(reader)})`,
    `${say('release')} ${dictionaryRelease}`,
    `${say('mapping')}: ${escape(originText(assessment, language))}`,
  ];
  const body = `<p>${say('madeAt')} ${escape(momentText(madeAtMs, language))}; ${facts.join('; ')}</p>
<div class="verdict"><p><b>${escape(verdict)}</b></p>${[...sentences, ...(reading === null ? [] : [reading])].map((sentence) => `<p>${escape(sentence)}</p>`).join('')}</div>
${sectionsOf(assessment, language).map(sectionHtml).join('\n')}
<h2>${say('notes')}</h2>
${pageList(assessNotes[language].map(escape))}
<p class="digest">${say('digest')}: <code>${digestOf(assessment)}</code></p>
<div class="signatures"><div><p>&nbsp;</p><p><b>${say('preparedBy')}</b></p><p>${say('signature')}</p></div><div><p><i>${say('placeAndDay')}</i></p><p><b>${say('headOf')}</b></p><p>${say('seal')}</p></div></div>`;
  return printedPage({ title: say('title'), language, body, style });
}

function sectionHtml({ name, title, head, rows, nothing, code = [] }: Section): string {
  const cells = rows.map((row) => row.map((cell, column) => cellHtml(cell, code.includes(column), name === 'cost')));
  return `<section class="${name}"><h2>${escape(title)}</h2>\n${rows.length === 0 ? `<p>${escape(nothing ?? '')}</p>` : pageTable(head, cells)}</section>`;
}

function cellHtml(cell: Cell, isCode: boolean, isProse: boolean): string {
  if (typeof cell !== 'string') return cell.length === 1 ? breakable(cell[0] ?? '') : pageList(cell.map(breakable));
  if (isCode) return cell === '' ? '' : `<code>${escape(cell)}</code>`;
  return (isProse ? escape(cell) : breakable(cell)).replaceAll(' %', '&nbsp;%');
}

const style = `
.verdict { border: 2px solid #111; padding: .2rem .8rem; margin: .8rem 0; } .verdict p { margin: .3rem 0; } .verdict b { font-size: 12pt; }
.digest { margin-top: 1.5rem; font-size: 8.5pt; }
.signatures { display: flex; justify-content: space-between; gap: 2rem; margin-top: 1.5rem; padding-bottom: 25mm; text-align: center; break-inside: avoid; }
.signatures div { flex: 1; } .signatures p { margin: .1rem 0; }
`;
