import { isMasterKeyOrRefersToOne } from '@truc/dictionary';
import type { ColumnProposal, ProposedTransform } from './proposal.js';
import type { TableOutcome } from './propose-table.js';
import type { Vocabulary } from './vocabulary.js';

/** Where the code of a table's rows is. */
export interface IdentificationProposal {
  /** Of `via` the table's own columns, with commas between them. */
  readonly column: string;
  readonly element: string;
  readonly via: string | null;
  readonly transform: readonly ProposedTransform[];
  readonly confidence: number;
}

/**
 * A code in the row: that of what the table is about, or one in its key. Else the code of the row that a foreign key leads to.
 * @param parents outcomes and identifications of the tables that it refers to
 */
export function identificationProposal(
  outcome: TableOutcome,
  vocabulary: Vocabulary,
  parents: ReadonlyMap<string, { readonly identification: IdentificationProposal | null }>,
): IdentificationProposal | null {
  const { table, subject } = outcome;
  const own = codesIn(outcome, vocabulary).toSorted((a, b) => b.rank - a.rank || b.proposal.confidence - a.proposal.confidence);
  const [best] = own;
  if (best !== undefined && best.rank >= 2) {
    const { column, element, transform, confidence } = best.proposal;
    const isFormat = transform.some(({ op }) => op === 'format');
    // Two codes that could be it are told apart by a person.
    const doubt = own.some((other) => other !== best && other.isLikely) ? 0.7 : 1;
    return { column, element, via: isFormat ? 'expression' : null, transform, confidence: rounded(confidence * doubt) };
  }
  const ways = table.foreignKeys.flatMap((foreignKey) => {
    const identification = parents.get(foreignKey.table)?.identification ?? null;
    if (identification === null || identification.via !== null) return [];
    const { element, transform, confidence } = identification;
    const isOwn = vocabulary.elements.some((known) => known.element.urn === element && known.group === subject.group);
    const via = `${foreignKey.table}(${foreignKey.key.join(',')}).${identification.column}`;
    return [{ isOwn, proposal: { column: foreignKey.columns.join(','), element, via, transform, confidence: rounded(confidence * 0.9) } }];
  });
  const [way] = ways.toSorted((a, b) => Number(b.isOwn) - Number(a.isOwn) || b.proposal.confidence - a.proposal.confidence);
  return way?.proposal ?? null;
}

interface RankedCode {
  readonly proposal: ColumnProposal;
  readonly rank: number;
  /** A thing's own code, or in the key: another than the best leaves a doubt. */
  readonly isLikely: boolean;
}

function codesIn({ table, columns, subject }: TableOutcome, vocabulary: Vocabulary): RankedCode[] {
  const key = table.uniqueKeys[0]?.columns ?? [];
  return columns.flatMap(({ proposals }) =>
    proposals.flatMap((proposal) => {
      const known = vocabulary.elements.find(({ element }) => element.urn === proposal.element);
      if (known === undefined || known.domain.codeList !== null || proposal.withheld !== null) return [];
      if (!isMasterKeyOrRefersToOne(known.element, vocabulary.release)) return [];
      const isOfSubject = known.group === subject.group;
      const isInKey = key.includes(proposal.column);
      const isComputed = proposal.transform.some(({ op }) => op === 'format');
      const rank = (isOfSubject ? 2 : 0) + (known.element.isMasterKey ? 1 : 0) + (isInKey ? 1 : 0) + (isComputed && isOfSubject ? 2 : 0);
      return [{ proposal, rank, isLikely: rank >= 2 && (known.element.isMasterKey || isInKey) }];
    }),
  );
}

function rounded(confidence: number): number {
  return Math.round(confidence * 100) / 100;
}
