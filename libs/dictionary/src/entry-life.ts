import type { DictionaryProblem } from './dictionary-error.js';
import { entriesOf, type DictionaryContent } from './dictionary-content.js';
import { dictionaryProblem } from './dictionary-problem-text.js';
import { entryChanges, type EntryChange } from './entry-change.js';
import type { Status } from './entry.js';

/**
 * The life of an entry. `proposed`: it may be spoken of and not used yet. `approved`: in use. `deprecated`: what uses it may go on, nothing new may begin (D9); it may be
 * taken back into use. `retired`: nothing may use it, for good; its name is never given away. A release keeps every entry that there ever was.
 */
const nextStatuses: Readonly<Record<Status, readonly Status[]>> = {
  proposed: ['approved', 'retired'],
  approved: ['deprecated'],
  deprecated: ['approved', 'retired'],
  retired: [],
};

/** Fields that an entry may change without a new version: they say how it stands, not what it is. */
const standing: readonly string[] = ['status', 'steward', 'version'];

/** What is wrong with the way from one release to the next: statuses that do not follow each other, changes without a version, stewards and concepts that are missing. */
export function lifeProblems(old: DictionaryContent | null, next: DictionaryContent): DictionaryProblem[] {
  const changes = old === null ? [] : entryChanges(old, next);
  return [...changes.flatMap(changeProblems), ...referenceProblems(next)];
}

function changeProblems({ id, change, fields, status, version }: EntryChange): DictionaryProblem[] {
  const { before, after } = status;
  if (change === 'added' || before === null) {
    return after === 'proposed' || after === 'approved' ? [] : [dictionaryProblem(id, 'new-status', { after })];
  }
  const problems: DictionaryProblem[] = [];
  if (before !== after && !nextStatuses[before].includes(after)) {
    const allowed = nextStatuses[before];
    const only = { en: allowed.join(' or '), vi: allowed.join(' hoặc ') };
    problems.push(dictionaryProblem(id, allowed.length === 0 ? 'status-fixed' : 'status-order', { before, after, allowed: only }));
  }
  const says = fields.filter((field) => !standing.includes(field));
  if (before === 'retired' && says.length > 0) problems.push(dictionaryProblem(id, 'retired', { fields: says.join(', ') }));
  // What nobody uses yet is still being worked on.
  else if (before !== 'proposed' && says.length > 0 && compareVersions(version.after, version.before ?? '') <= 0) {
    problems.push(dictionaryProblem(id, 'version-needed', { fields: says.join(', '), version: version.before ?? '' }));
  } else if (compareVersions(version.after, version.before ?? '') < 0) {
    problems.push(dictionaryProblem(id, 'version-back', { before: version.before ?? '', after: version.after }));
  }
  return problems;
}

/** References resolve in the whole release, across both tiers. */
function referenceProblems(content: DictionaryContent): DictionaryProblem[] {
  const concepts = new Set(content.concepts.map(({ id }) => id));
  const adrift = content.elements.filter(({ concept }) => !concepts.has(concept));
  const ownerless = entriesOf(content).filter(({ tier, steward }) => tier === 'specialised' && steward === null);
  return [
    ...adrift.map(({ id, concept }) => dictionaryProblem(id, 'concept-missing', { id: concept })),
    ...ownerless.map(({ id }) => dictionaryProblem(id, 'steward-missing')),
  ];
}

/** Below, equal to or above zero, as of numbers: 1.10.0 is above 1.9.0. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  for (let index = 0; index < 3; index++) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
