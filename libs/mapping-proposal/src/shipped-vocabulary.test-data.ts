import { readdirSync, readFileSync } from 'node:fs';
import { createRelease, parseDictionaryFiles } from '@truc/dictionary';
import type { ProposalColumn, ProposalTable } from './proposal.js';
import { vocabularyOf } from './vocabulary.js';

const root = new URL('../../../schemas/dictionary/', import.meta.url);
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.yaml'))
  .map((path) => ({ path, text: readFileSync(new URL(path, root), 'utf8') }));

export const shippedRelease = createRelease({ number: 1, ...parseDictionaryFiles(files) });
export const shippedVocabulary = vocabularyOf(
  shippedRelease,
  new Map([
    ['vehicle', ['Phương tiện', 'Vehicle']],
    ['enterprise', ['Doanh nghiệp', 'Enterprise']],
    ['person', ['Người', 'Person']],
  ]),
);

export function column(name: string, baseType: string, more: Partial<ProposalColumn> = {}): ProposalColumn {
  return { name, baseType, notNull: false, isGenerated: false, generation: null, defaultsToNow: false, comment: null, labels: [], ...more };
}

/** A table whose first column is its key. @param rows values in the order of the columns */
export function table(
  name: string,
  columns: readonly ProposalColumn[],
  rows: readonly (readonly (string | null)[])[] = [],
  more: Partial<ProposalTable> = {},
): ProposalTable {
  return {
    table: `public.${name}`,
    name,
    comment: null,
    columns,
    uniqueKeys: [{ columns: [columns[0]?.name ?? ''], isPrimary: true, notNull: true }],
    foreignKeys: [],
    samples: { columns: columns.map((one) => one.name), rows },
    ...more,
  };
}
