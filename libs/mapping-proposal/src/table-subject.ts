import { isAuthority } from '@truc/dictionary';
import type { Candidate } from './candidate.js';
import { matchPhrase } from './phrase-match.js';
import { readings } from './short-form.js';
import type { KnownElement, Vocabulary } from './vocabulary.js';

/** What a table is about: the groups of the dictionary whose things it tells of. */
export interface TableSubject {
  readonly vocabulary: Vocabulary;
  /** The group that it is mostly about; null where nothing says. */
  readonly group: string | null;
  readonly groups: ReadonlySet<string>;
  /** Words that go without saying in it. */
  readonly implied: ReadonlySet<string>;
  /** How far an element belongs into it. */
  factorOf(known: KnownElement): number;
}

const tableNameWeight = 2.5;
const authorityWeight = 1.5;
const parentWeight = 1;

/** What is known of a table beside its name and its columns. */
export interface SubjectHints {
  /** Whose database it is; null where nobody said. */
  readonly agency: string | null;
  /** The only column of its key; null where it has more or none. */
  readonly keyColumn: string | null;
  /** What the tables that it refers to are about. */
  readonly parentGroups: readonly string[];
}

/**
 * Judges by the table's name, by whose elements its columns look like, and by what the agency is the authority for.
 * @param candidates of its columns, best first, judged without a subject
 */
export function tableSubject(
  tableWords: readonly string[],
  candidates: readonly (readonly Candidate[])[],
  vocabulary: Vocabulary,
  about: SubjectHints,
): TableSubject {
  const { agency, keyColumn, parentGroups } = about;
  const votes = new Map<string, number>();
  const vote = (group: string, weight: number): void => void votes.set(group, (votes.get(group) ?? 0) + weight);
  const named = new Map<string, number>();
  for (const [group, words] of vocabulary.groupWords) {
    const score = Math.max(...readings(tableWords).map((reading) => saidOf(reading, [...words], vocabulary)));
    named.set(group, score);
    if (score >= 0.5) vote(group, tableNameWeight * score);
  }
  for (const group of new Set(parentGroups)) vote(group, parentWeight);
  for (const ofColumn of candidates) {
    const best = new Map<string, Candidate>();
    for (const candidate of ofColumn) if (!best.has(candidate.known.group)) best.set(candidate.known.group, candidate);
    const [first] = ofColumn;
    for (const [group, { confidence, known }] of best) {
      if (confidence < 0.5 || confidence < (first?.confidence ?? 0) - 0.1) continue;
      const isOwnKey = known.element.isMasterKey && ofColumn[0]?.part.column.name === keyColumn;
      if (vocabulary.listGroups.has(group) && (named.get(group) ?? 0) < 0.5 && !isOwnKey) continue;
      const key = known.element.isMasterKey && confidence >= 0.7 ? 1 : 0;
      vote(group, confidence ** 2 + key);
    }
  }
  if (agency !== null) {
    for (const group of votes.keys()) {
      const own = vocabulary.elements.filter((known) => known.group === group);
      const held = own.filter(({ element }) => isAuthority(element, { agency, dataset: null })).length;
      if (own.length > 0) vote(group, authorityWeight * (held / own.length));
    }
  }
  const whole = [...votes].filter(([group]) => !vocabulary.partGroups.has(group)).toSorted(([, a], [, b]) => b - a);
  const [main] = whole;
  const group = main !== undefined && main[1] >= 1 ? main[0] : null;
  const groups = new Set(whole.filter(([one]) => one === group || (named.get(one) ?? 0) >= 0.5).map(([one]) => one));
  // Whose number stands in a row, of that somebody the row tells, whatever else it is about.
  for (const [first] of candidates) {
    if (first === undefined || first.confidence < 0.6) continue;
    for (const group of vocabulary.groupsOfKey.get(first.known.domain.id) ?? [])
      if (first.known.domain.codeList === null) groups.add(group);
  }
  const implied = new Set([...(group === null ? [] : (vocabulary.groupWords.get(group) ?? []))]);
  return {
    vocabulary,
    group,
    groups,
    implied,
    factorOf: (known) => {
      if (known.group === group) return 1;
      if (groups.has(known.group)) return known.element.isMasterKey ? 0.93 : 0.85;
      if (vocabulary.partGroups.has(known.group)) return 0.9;
      // Another thing's own code may stand in any row; its other properties do not.
      return known.element.isMasterKey && known.domain.codeList === null ? 0.85 : 0.45;
    },
  };
}

function saidOf(words: readonly string[], group: readonly string[], { weights }: Vocabulary): number {
  const { recall, precision } = matchPhrase(words, group, weights);
  return Math.max(recall, 0) * (0.5 + 0.5 * precision);
}
