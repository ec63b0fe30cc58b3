import type { DictionaryProblem } from './dictionary-error.js';
import { entriesOf, type DictionaryContent } from './dictionary-content.js';
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
  return [...changes.flatMap((change) => changeProblems(change).map((what) => ({ where: change.id, what }))), ...referenceProblems(next)];
}

function changeProblems({ change, fields, status, version }: EntryChange): string[] {
  const { before, after } = status;
  if (change === 'added' || before === null) {
    return after === 'proposed' || after === 'approved' ? [] : [`it is new and ${after}: a new entry is proposed or approved`];
  }
  const problems: string[] = [];
  if (before !== after && !nextStatuses[before].includes(after)) {
    const allowed = nextStatuses[before];
    problems.push(
      `it is ${before} and cannot become ${after}: ${allowed.length === 0 ? 'it stays as it is' : `only ${allowed.join(' or ')}`}`,
    );
  }
  const says = fields.filter((field) => !standing.includes(field));
  if (before === 'retired' && says.length > 0) problems.push(`it is retired: ${says.join(', ')} cannot change any more`);
  // What nobody uses yet is still being worked on.
  else if (before !== 'proposed' && says.length > 0 && compareVersions(version.after, version.before ?? '') <= 0) {
    problems.push(`${says.join(', ')} changed: it needs a version above ${version.before}`);
  } else if (compareVersions(version.after, version.before ?? '') < 0) {
    problems.push(`its version goes back from ${version.before} to ${version.after}`);
  }
  return problems;
}

/** References resolve in the whole release, across both tiers. */
function referenceProblems(content: DictionaryContent): DictionaryProblem[] {
  const concepts = new Set(content.concepts.map(({ id }) => id));
  const adrift = content.elements.filter(({ concept }) => !concepts.has(concept));
  const ownerless = entriesOf(content).filter(({ tier, steward }) => tier === 'specialised' && steward === null);
  return [
    ...adrift.map(({ id, concept }) => ({ where: id, what: `its concept ${concept} is not in the release` })),
    ...ownerless.map(({ id }) => ({ where: id, what: 'it is specialised master data: it needs a steward, the ministry whose it is' })),
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
