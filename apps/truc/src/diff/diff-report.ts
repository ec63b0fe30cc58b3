import type { Document, DocumentFile, Problem } from '@truc/coordination';
import type { EntryChange } from '@truc/dictionary';
import type { ApplyAnswer } from '@truc/local-stack';
import type { Language } from '@truc/kernel';
import { changeEffects, type ChangeEffect } from './change-effect.js';
import { documentChanges, type DocumentChange, type FieldChange } from './document-change.js';
import { readableDocuments } from './document-reading.js';
import { effectText } from './effect-text.js';

/** What applying files would change, and what that means. */
export interface DiffReport {
  readonly documents: readonly (DocumentChange & { readonly effects: readonly (ChangeEffect & { readonly text: string })[] })[];
  /** Entries of the dictionary that would change: at once while there is none yet, else after an approval. */
  readonly dictionary: readonly EntryChange[];
  /** True where this is the first dictionary. */
  readonly isFirstDictionary: boolean;
  /** Why the platform would refuse all of it. */
  readonly problems: readonly Problem[];
}

/** @param answer of the platform to the same files, on trial */
export function diffReport(
  applied: readonly Document[],
  files: readonly DocumentFile[],
  answer: ApplyAnswer,
  language: Language,
): DiffReport {
  const wanted = readableDocuments(files);
  const documents = documentChanges(applied, wanted).map((change) => ({
    ...change,
    effects: changeEffects(change, applied, wanted).map((effect) => ({ ...effect, text: effectText(effect, language) })),
  }));
  if ('problems' in answer) return { documents, dictionary: [], isFirstDictionary: false, problems: answer.problems };
  const isFirstDictionary = answer.created.some((name) => name.startsWith('dictionary/'));
  return { documents, dictionary: answer.proposal?.changes ?? [], isFirstDictionary, problems: [] };
}

export function isEmpty({ documents, dictionary, isFirstDictionary, problems }: DiffReport): boolean {
  return documents.length + dictionary.length + problems.length === 0 && !isFirstDictionary;
}

const signs = { added: '+', removed: '-', changed: '~' } as const;

/** For a terminal. Problems are told beside it. */
export function diffLines(report: DiffReport): string[] {
  if (isEmpty(report)) return ['nothing would change'];
  const { documents, dictionary, isFirstDictionary } = report;
  return [
    ...documents.flatMap(({ document, kind, fields, effects }) => [
      `${kind === 'created' ? '+' : '~'} ${document}`,
      ...fields.map((field) => `    ${signs[field.kind]} ${fieldText(field)}`),
      ...[...new Set(effects.map(({ text }) => text))].map((text) => `    = ${text}`),
    ]),
    ...(isFirstDictionary ? ['+ the first dictionary, which holds at once'] : []),
    ...dictionary.map(
      ({ id, change, fields }) => `${change === 'added' ? '+' : '~'} ${id}${fields.length === 0 ? '' : ` (${fields.join(', ')})`}`,
    ),
    ...(dictionary.length === 0 ? [] : ['    = waits for an approval, and changes nothing of any row until then: truc dictionary propose']),
  ];
}

function fieldText({ place, kind, before, after }: FieldChange): string {
  const where = place.join(', ');
  if (kind === 'added') return isColumn(place) ? `${where}${columnText(after)}` : `${where}: ${shown(after)}`;
  if (kind === 'removed') return isColumn(place) ? `${where}${columnText(before)}` : `${where}: ${shown(before)}`;
  return `${where}: ${shown(before)} becomes ${shown(after)}`;
}

/** Its element says what a column is. */
function columnText(value: unknown): string {
  const { element } = (value ?? {}) as { element?: unknown };
  return typeof element === 'string' ? ` -> ${element}` : ' (not published)';
}

function isColumn(place: readonly string[]): boolean {
  return place.at(-1)?.startsWith('column ') === true;
}

const shownMax = 160;

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > shownMax ? `${text.slice(0, shownMax)} ...` : text;
}
