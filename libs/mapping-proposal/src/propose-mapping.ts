import { discriminator } from './discriminator.js';
import { generatedFormat } from './generated-format.js';
import { identificationProposal, type IdentificationProposal } from './identification-proposal.js';
import type { ColumnOutcome, ColumnProposal, ProposalTable } from './proposal.js';
import { proposeTable, type TableOutcome } from './propose-table.js';
import { upkeepWords } from './short-form.js';
import { valueFit } from './value-fit.js';
import type { Vocabulary } from './vocabulary.js';
import { wordsOf } from './word.js';

/** One table with everything that is proposed for it. */
export interface TableProposal {
  readonly table: ProposalTable;
  /** Group of the dictionary that it is about; null where nothing says. */
  readonly group: string | null;
  readonly columns: readonly ColumnOutcome[];
  /** Null where no code was found in the row or one foreign key away. */
  readonly identification: IdentificationProposal | null;
  /** Column that says when a row held; null where none looks so. */
  readonly referenceDate: string | null;
}

/** A copy of what stands in another row is what that row has, if its foreign key says so. */
const copyFactor = 0.97;

/**
 * Proposes a mapping for the tables of a database, by names in Vietnamese and English, types, foreign keys and sampled values, compared with the labels, value domains and code
 * lists of a dictionary. Pure: nothing is read, and nothing of the sampled values but local codes and words for "no day" is in the result.
 * @param agency whose database it is
 */
export function proposeMapping(tables: readonly ProposalTable[], vocabulary: Vocabulary, agency: string): TableProposal[] {
  const first = new Map(tables.map((table) => [table.table, proposeTable(table, vocabulary, agency)]));
  const outcomes = new Map(
    tables.map((table) => {
      const parents = table.foreignKeys
        .filter((key) => key.table !== table.table)
        .flatMap((key) => first.get(key.table)?.subject.group ?? []);
      const alone = first.get(table.table);
      const outcome = parents.length === 0 && alone !== undefined ? alone : proposeTable(table, vocabulary, agency, parents);
      return [table.table, withTransforms(outcome, vocabulary)];
    }),
  );
  const linked = new Map([...outcomes].map(([name, outcome]) => [name, withCopies(outcome, outcomes)]));
  const identified = new Map<string, { identification: IdentificationProposal | null }>();
  for (const [name, outcome] of linked) identified.set(name, { identification: identificationProposal(outcome, vocabulary, new Map()) });
  return [...linked.values()].map((outcome) => ({
    table: outcome.table,
    group: outcome.subject.group,
    columns: outcome.columns,
    identification: identificationProposal(outcome, vocabulary, identified),
    referenceDate: referenceDate(outcome.table),
  }));
}

/** Adds what generated columns and deciding columns ask of a transform. */
function withTransforms(outcome: TableOutcome, vocabulary: Vocabulary): TableOutcome {
  const { table } = outcome;
  const columns = outcome.columns.map((one) => ({
    ...one,
    proposals: one.proposals.map((proposal) => completed(proposal, table, vocabulary)),
  }));
  return { ...outcome, columns };
}

function completed(proposal: ColumnProposal, table: ProposalTable, vocabulary: Vocabulary): ColumnProposal {
  const column = table.columns.find(({ name }) => name === proposal.column);
  const known = vocabulary.elements.find(({ element }) => element.urn === proposal.element);
  if (column === undefined || known === undefined) return proposal;
  if (column.isGenerated) {
    const pattern = generatedFormat(
      column.generation ?? '',
      table.columns.map(({ name }) => name),
    );
    return pattern === null ? proposal : { ...proposal, transform: [{ op: 'format', pattern }] };
  }
  if (known.domain.codeList !== null || !vocabulary.groupsOfKey.has(known.domain.id)) return proposal;
  const fits = (text: string): boolean => valueFit(column, [text], known.domain, vocabulary.release)?.share === 1;
  const when = discriminator(table, column.name, fits);
  return when === null ? proposal : { ...proposal, transform: [...proposal.transform, when] };
}

/** What a foreign key's columns are, by the columns that they refer to. */
function withCopies(outcome: TableOutcome, outcomes: ReadonlyMap<string, TableOutcome>): TableOutcome {
  const { table } = outcome;
  let columns = outcome.columns;
  for (const { columns: from, table: parent, key } of table.foreignKeys) {
    if (parent === table.table) continue;
    for (const [index, name] of from.entries()) {
      const [there, more] = outcomes.get(parent)?.columns.find(({ column }) => column === key[index])?.proposals ?? [];
      const here = columns.find(({ column }) => column === name);
      if (there === undefined || more !== undefined || here === undefined) continue;
      const isTaken = columns.some(
        ({ column, proposals }) => column !== name && proposals.some(({ element }) => element === there.element),
      );
      const confidence = Math.round(there.confidence * copyFactor * 100) / 100;
      if (isTaken || (here.proposals[0]?.confidence ?? 0) >= confidence) continue;
      const reason = { kind: 'foreign-key', table: parent, column: there.column } as const;
      const copy: ColumnProposal = {
        ...there,
        column: name,
        confidence,
        reasons: [reason, ...there.reasons.filter(({ kind }) => kind === 'type')],
      };
      columns = columns.map((one) => (one.column === name ? { ...one, proposals: [copy], perhaps: null } : one));
    }
  }
  return { ...outcome, columns };
}

/** The column of the last change, where there is exactly one. */
function referenceDate({ columns }: ProposalTable): string | null {
  const found = columns.filter(
    ({ name, baseType, defaultsToNow }) =>
      /^(timestamp with time zone|date)/.test(baseType) && defaultsToNow && wordsOf(name).some((word) => upkeepWords.has(word)),
  );
  return found.length === 1 ? (found[0]?.name ?? null) : null;
}
