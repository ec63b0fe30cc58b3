import { candidatesOf, proposalOf, type Candidate } from './candidate.js';
import { columnParts, type ColumnPart } from './column-part.js';
import { perhapsFrom, proposedFrom, type ColumnOutcome, type ProposalTable } from './proposal.js';
import { tableSubject, type TableSubject } from './table-subject.js';
import type { Vocabulary } from './vocabulary.js';
import { wordsOf } from './word.js';

export interface TableOutcome {
  readonly table: ProposalTable;
  readonly subject: TableSubject;
  readonly columns: readonly ColumnOutcome[];
}

/** Two columns for one element whose confidence differs by less than this are told apart by nobody but a person. */
const tieWithin = 0.03;

/** What each column of one table is, by itself: names, types and values. @param agency whose database it is; null where nobody said */
export function proposeTable(
  table: ProposalTable,
  vocabulary: Vocabulary,
  agency: string | null,
  parentGroups: readonly string[] = [],
): TableOutcome {
  const words = [...wordsOf(table.name), ...(table.comment === null ? [] : wordsOf(table.comment))];
  const parts = table.columns.flatMap((column) => columnParts(column, table));
  const unbiased = parts.map((part) => candidatesOf(part, words, vocabulary, null));
  const [key] = table.uniqueKeys;
  const keyColumn = key?.columns.length === 1 ? (key.columns[0] ?? null) : null;
  const subject = tableSubject(words, unbiased, vocabulary, { agency, keyColumn, parentGroups });
  const candidates = parts.map((part) => candidatesOf(part, words, vocabulary, subject));
  const chosen = assigned(parts, candidates);
  const columns = table.columns.map(({ name }): ColumnOutcome => {
    const own = parts.map((part, index) => ({ part, index })).filter(({ part }) => part.column.name === name);
    const proposals = own
      .flatMap(({ index }) => chosen[index] ?? [])
      .map((candidate) => proposalOf(candidate, groupReason(candidate, subject)));
    const [doubtful] = own.flatMap(({ index }) => candidates[index] ?? []).filter(({ confidence }) => confidence >= perhapsFrom);
    return { column: name, proposals, perhaps: proposals.length > 0 || doubtful === undefined ? null : proposalOf(doubtful) };
  });
  return { table, subject, columns };
}

function groupReason({ known }: Candidate, { group }: TableSubject) {
  return known.group === group ? [{ kind: 'group' as const, group: known.group }] : [];
}

/** Each element to one part at most, the surest first; where two are as sure, to neither. */
function assigned(parts: readonly ColumnPart[], candidates: readonly (readonly Candidate[])[]): (Candidate | null)[] {
  const chosen: (Candidate | null)[] = parts.map(() => null);
  const taken = new Set<string>();
  const all = candidates
    .flatMap((ofPart, index) => ofPart.map((candidate) => ({ candidate, index })))
    .filter(({ candidate }) => candidate.confidence >= proposedFrom)
    .toSorted((a, b) => b.candidate.confidence - a.candidate.confidence);
  for (const { candidate, index } of all) {
    const { urn } = candidate.known.element;
    if (chosen[index] !== null || taken.has(urn)) continue;
    // A part whose best is taken may not fall to an element that it resembles much less.
    const best = candidates[index]?.[0]?.confidence ?? 0;
    if (candidate.confidence < best * 0.8) continue;
    const rival = all.some(
      (other) =>
        other.index !== index &&
        chosen[other.index] === null &&
        other.candidate.known.element.urn === urn &&
        other.candidate.confidence > candidate.confidence - tieWithin &&
        candidates[other.index]?.[0] === other.candidate,
    );
    taken.add(urn);
    if (!rival) chosen[index] = candidate;
  }
  return chosen;
}
