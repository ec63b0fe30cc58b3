import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'yaml';
import { codeListCsvText } from './code-list-csv-text.js';
import { codeListColumns, readCodeListCsv } from './code-list-csv.js';
import type { DictionaryContent } from './dictionary-content.js';
import type { DictionaryFile } from './dictionary-files.js';
import { localName } from './element-name.js';
import type { CodeListDefinition } from './entry.js';

/** A file of YAML stays well below what an apply takes (1 MiB). */
const fileCharsMax = 256 * 1024;
/** A longer code list is written as CSV beside its document. */
const inlineEntriesMax = 200;

/** A dictionary as the files that people write, in the layout of schemas/dictionary: read again they are the same dictionary. */
export function contentFiles({ concepts, elements, valueDomains, codeLists }: DictionaryContent): DictionaryFile[] {
  const groups = Map.groupBy(elements, ({ id }) => localName(id).split('.')[0] ?? '');
  return [
    ...chunkedFiles('concepts', 'concepts', concepts),
    ...[...groups].flatMap(([group, members]) => chunkedFiles(`elements/${group}`, 'elements', members)),
    ...chunkedFiles('value-domains', 'valueDomains', valueDomains),
    ...codeLists.flatMap(codeListFiles),
  ];
}

/** The document of one code list, and its entries as CSV where they are many. */
export function codeListFiles(list: CodeListDefinition): DictionaryFile[] {
  const { entries, ...rest } = list;
  const name = localName(list.id);
  const path = `code-lists/${name}.yaml`;
  const csv = entries.length > inlineEntriesMax ? codeListCsvText(entries) : null;
  // What CSV cannot hold as it is (a label with a line end) stays in the document.
  if (csv === null || !isDeepStrictEqual(readCodeListCsv(csv).entries, entries)) return [{ path, text: yamlText({ codeList: list }) }];
  const { code, vi, en, validFrom, validTo, supersededBy, parent } = codeListColumns;
  const entriesFrom = { file: `${name}.csv`, codeColumn: code, labelColumns: { vi, en }, validFrom, validTo, supersededBy, parent };
  return [
    { path, text: yamlText({ codeList: { ...rest, entriesFrom } }) },
    { path: `code-lists/${name}.csv`, text: csv },
  ];
}

function chunkedFiles(name: string, key: string, entries: readonly object[]): DictionaryFile[] {
  const chunks: { entries: object[]; chars: number }[] = [];
  for (const entry of entries) {
    const chars = JSON.stringify(entry).length * 2;
    const last = chunks.at(-1);
    if (last === undefined || last.chars + chars > fileCharsMax) chunks.push({ entries: [entry], chars });
    else {
      last.entries.push(entry);
      last.chars += chars;
    }
  }
  return chunks.map((chunk, index) => ({
    path: `${name}${index === 0 ? '' : `-${index + 1}`}.yaml`,
    text: yamlText({ [key]: chunk.entries }),
  }));
}

/** Plain YAML: no anchors, which documents may not have, and no folded lines, which people compare badly. */
function yamlText(value: object): string {
  return stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 });
}
