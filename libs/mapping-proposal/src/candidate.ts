import type { ColumnPart } from './column-part.js';
import { nameMatch } from './name-match.js';
import type { ColumnProposal, Reason } from './proposal.js';
import { formerWords, upkeepWords } from './short-form.js';
import type { TableSubject } from './table-subject.js';
import { valueFit, type ValueFit } from './value-fit.js';
import type { KnownElement, Vocabulary } from './vocabulary.js';

/** An element that a part of a column could be. */
export interface Candidate {
  readonly part: ColumnPart;
  readonly known: KnownElement;
  readonly confidence: number;
  readonly name: number;
  readonly fit: ValueFit;
}

/** What a name must reach for its values to count: values alone mean too many things. */
const nameLeast = 0.3;
/** Unless hardly anything else has such values, and the thing that the table is about has one property that has. */
const tellingAlone = 0.7;

/** The candidates of a part, best first. @param subject of its table; null while that is what is asked */
export function candidatesOf(
  part: ColumnPart,
  tableWords: readonly string[],
  vocabulary: Vocabulary,
  subject: TableSubject | null,
): Candidate[] {
  if (part.inner.defaultsToNow && part.words.some((word) => upkeepWords.has(word))) return [];
  const { release, elements } = vocabulary;
  const fits = new Map<string, ValueFit | null>();
  const found: Candidate[] = [];
  for (const known of elements) {
    if (!fits.has(known.domain.id)) fits.set(known.domain.id, valueFit(part.inner, part.values, known.domain, release));
    const fit = fits.get(known.domain.id) ?? null;
    if (fit === null) continue;
    const { score: name, hasRole } = nameMatch(
      part.words,
      tableWords,
      known,
      vocabulary,
      subject?.implied ?? new Set(),
      known.group === subject?.group,
    );
    const confidence =
      evidence(name, fit, isOnlyOfDomain(known, subject)) *
      roleFactor(known, hasRole, name, subject) *
      formerFactor(part, known) *
      (subject?.factorOf(known) ?? 1);
    if (confidence > 0.1) found.push({ part, known, confidence, name, fit });
  }
  return found.toSorted((a, b) => b.confidence - a.confidence);
}

/** Name and values together: values that fit strengthen a name by as much as they tell, and values that do not weaken it. */
function evidence(name: number, { share, telling, of }: ValueFit, isOnly: boolean): number {
  if (share === null) return name * 0.9;
  if (share < 0.5) return name * share * 0.6;
  if (name < nameLeast && !(isOnly && name > 0.05 && telling >= tellingAlone && share >= 0.9 && of >= 2)) return name;
  return 1 - (1 - name) * (1 - telling * share) * (1 - 0.1 * share);
}

/**
 * A code that identifies something else here (a father's number) is called so; without that it is the thing's own. Of places a thing has one, or they are told apart by
 * what they are called.
 */
function roleFactor({ element, domain, group }: KnownElement, hasRole: boolean, name: number, subject: TableSubject | null): number {
  if (element.isMasterKey || hasRole || subject === null || name >= 0.95) return 1;
  const { vocabulary } = subject;
  if (vocabulary.partGroups.has(group) || !vocabulary.groupsOfKey.has(domain.id)) return 1;
  if (domain.codeList !== null) return isOnlyOfDomain({ group, domain }, subject) ? 1 : 0.7;
  return 0.5;
}

/** True where the table's own group has no other element of the value domain. */
function isOnlyOfDomain({ group, domain }: Pick<KnownElement, 'group' | 'domain'>, subject: TableSubject | null): boolean {
  if (subject === null || group !== subject.group) return false;
  return subject.vocabulary.elements.filter((other) => other.group === group && other.domain.id === domain.id).length === 1;
}

/** What is called old is what held before, and nothing else is. */
function formerFactor({ words }: ColumnPart, { phrases, element }: KnownElement): number {
  const isFormer = words.some((word) => formerWords.has(word));
  const ofFormer = element.status === 'deprecated' || phrases.some((phrase) => phrase.some((word) => formerWords.has(word)));
  return isFormer === ofFormer || (!isFormer && !ofFormer) ? 1 : isFormer ? 0.4 : 0.6;
}

/** A candidate as it is told. */
export function proposalOf({ part, known, confidence, fit, name }: Candidate, more: readonly Reason[] = []): ColumnProposal {
  const values: Reason = fit.share === null ? { kind: 'no-values' } : { kind: 'values', fit: fit.fit, of: fit.of };
  const reasons: Reason[] = [
    ...part.reasons,
    ...(name >= nameLeast ? [{ kind: 'name', words: part.name, label: known.element.label.vi } satisfies Reason] : []),
    { kind: 'type', type: part.column.baseType },
    values,
    ...more,
  ];
  return {
    column: part.column.name,
    element: known.element.urn,
    transform: [
      ...part.before.map(({ op, ...settings }) =>
        op === 'first' && known.domain.codeList !== null ? { op: 'each' } : { op, ...settings },
      ),
      ...fit.transform,
    ],
    confidence: Math.round(Math.min(0.99, confidence) * 100) / 100,
    reasons,
    withheld: known.withheld,
  };
}
