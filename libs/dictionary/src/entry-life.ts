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

/** What is wrong with the way from one release to the next: statuses that do not follow each other, changes without a version, stewards and concepts that are missing, and what is newly in use on the ground of what may not be. */
export function lifeProblems(old: DictionaryContent | null, next: DictionaryContent): DictionaryProblem[] {
  const changes = old === null ? [] : entryChanges(old, next);
  // A first release may be the export of one that was made before this was refused.
  const known = new Map(unfitRests(old ?? next).map((rest) => [restKey(rest), rest.own]));
  const unfit = unfitRests(next).filter((rest) => {
    const before = known.get(restKey(rest));
    // What goes out of use may rest where it does, and does not come back on it.
    return before === undefined || (before === 'deprecated' && rest.own === 'approved');
  });
  const rests = unfit.map(({ where, own, id, status }) => dictionaryProblem(where, 'rests-on', { own, id, status }));
  return [...changes.flatMap(changeProblems), ...referenceProblems(next), ...rests];
}

/** An entry in use, and one that may not be used on which it rests. */
interface UnfitRest {
  readonly where: string;
  readonly own: Status;
  readonly id: string;
  readonly status: Status;
}

/** The same whatever becomes of the entry itself. */
function restKey({ where, id, status }: UnfitRest): string {
  return `${where} ${id} ${status}`;
}

/** What is in use rests on nothing that may not be used: no concept, domain or list that is only proposed, or retired. */
function unfitRests(content: DictionaryContent): UnfitRest[] {
  const statuses = new Map(entriesOf(content).map(({ id, status }) => [id, status]));
  const inUse = ({ status }: { readonly status: Status }): boolean => status === 'approved' || status === 'deprecated';
  const restsOn = ({ id: where, status: own }: { readonly id: string; readonly status: Status }, id: string): UnfitRest[] => {
    const status = statuses.get(id);
    return status === undefined || inUse({ status }) ? [] : [{ where, own, id, status }];
  };
  return [
    ...content.elements.filter(inUse).flatMap((element) => [element.concept, element.valueDomain].flatMap((id) => restsOn(element, id))),
    ...content.valueDomains.filter(inUse).flatMap((domain) => (domain.codeList === null ? [] : restsOn(domain, domain.codeList))),
  ];
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

/** The version of an entry whose meaning was changed somewhat: that is more than a correction and less than another entry. */
export function raisedVersion(version: string): string {
  const [major = '1', minor = '0'] = version.split('.');
  return `${major}.${Number(minor) + 1}.0`;
}
