import { isDeepStrictEqual } from 'node:util';
import type { DictionaryRelease } from '@truc/dictionary';
import { isListTransform } from '@truc/mapping';
import { namedElement } from '../dictionary-facts.js';
import { codeCasesOf } from '../code-cases.js';
import { isRequired, protectionOf } from '../table-compilation.js';
import { placeText, type DocumentSet, type PublishedTable } from './document-set.js';
import type { TableDocument } from './document.js';
import type { ProblemList } from './problem.js';

/**
 * Datasets of one class share one schema: where every province publishes its part of one subject (`H*`), whoever reads all parts reads one shape. Those of one class and one
 * subject have the same elements, in the same role, with the same protection, required alike.
 */
export function checkClassSchemas(set: DocumentSet, release: DictionaryRelease, problems: ProblemList): void {
  const first = new Map<string, PublishedTable>();
  // What was applied is what the others are measured by.
  const tables = [...set.tables.values()].toSorted((a, b) => Number(b.source.isStored) - Number(a.source.isStored));
  for (const published of tables) {
    const { table, source, index, dataset } = published;
    for (const authority of classesOf(table, release)) {
      const key = `${authority} ${table.subject}`;
      const model = first.get(key);
      if (model === undefined) {
        first.set(key, published);
        continue;
      }
      if (source.isStored) continue;
      const [wanted, found] = [fieldsOf(model.table, release), fieldsOf(table, release)];
      const differing = [...new Set([...wanted.keys(), ...found.keys()])].filter(
        (element) => !isDeepStrictEqual(wanted.get(element), found.get(element)),
      );
      if (differing.length === 0) continue;
      const values = { name: dataset, authority, other: model.dataset, first: placeText(model.source), elements: differing.join(', ') };
      problems.add(source.place(['tables', index, 'subject']), 'DATASET_CLASS_SCHEMA', values);
    }
  }
}

/** The classes (`H*`) whose own datum the table publishes. */
function classesOf({ columns }: TableDocument, release: DictionaryRelease): string[] {
  const sources = columns.flatMap(({ element, reference }) =>
    element === null || reference ? [] : (namedElement(release, element)?.authoritativeSource ?? []),
  );
  return [...new Set(sources.filter((source) => source.endsWith('*')))];
}

function fieldsOf(table: TableDocument, release: DictionaryRelease): Map<string, object> {
  const { columns, identification } = table;
  const { cases } = codeCasesOf(table, release);
  const fields = new Map<string, object>([
    [identification.element, { reference: false, protection: 'none', required: true, isList: false }],
  ]);
  for (const column of columns) {
    const { element, reference, transform } = column;
    if (element === null) continue;
    const protection = protectionOf(column, namedElement(release, element));
    const required = isRequired(column, identification.element, cases);
    fields.set(element, { reference, protection, required, isList: isListTransform(transform) });
  }
  return fields;
}
