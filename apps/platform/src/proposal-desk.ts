import { isDeepStrictEqual } from 'node:util';
import { may, mayApproveOf, type Principal } from '@truc/access';
import { releaseOfProposal, type Language, type Problem, type ProposalGround, type ProposedRelease } from '@truc/coordination';
import type { ApplySession, DictionaryProposalRow, ProposalEventRow } from '@truc/coordination-store';
import { entryChanges, parseContent, type EntryChange } from '@truc/dictionary';
import { TrucError } from '@truc/kernel';
import { demand } from './caller.js';
import { documentOfRow } from './publication.js';
import { storedReleaseOf } from './published-releases.js';

/** Proposals that one principal may have open at once. */
export const proposalsOpenMax = 20;

/** A proposal that was made, or would be: then it has no number. */
export interface MadeProposal {
  readonly number: number | null;
  /** False where the same one is open already. */
  readonly isNew: boolean;
  readonly changes: readonly EntryChange[];
}

/** Thrown inside a transaction to leave it without a trace. */
export class Refused extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super('there are problems');
    this.problems = problems;
  }
}

/**
 * Makes a proposal, or finds it where the same principal has the same one open. Whoever proposes speaks for the steward of every entry that changes, before and after.
 * @throws TrucError PLATFORM_ACCESS_DENIED, PLATFORM_PROPOSALS_TOO_MANY
 */
export async function propose(
  session: ApplySession,
  caller: Principal,
  { base, changes, next }: ProposedRelease,
  { note, dryRun }: { readonly note: string; readonly dryRun: boolean },
): Promise<MadeProposal> {
  const stored = await session.release(base);
  const described = entryChanges(parseContent(stored?.content), changes);
  for (const { stewards } of described) for (const steward of stewards) demand(caller, 'dictionary.propose', steward);
  const open = await session.proposals.pendingOf(caller.name);
  const same = open.find((row) => row.base === base && isDeepStrictEqual(parseContent(row.changes), changes));
  if (same !== undefined) return { number: same.number, isNew: false, changes: described };
  if (open.length >= proposalsOpenMax) {
    const message = `${caller.name} has ${open.length} proposals open: withdraw one (truc dictionary withdraw N), or wait until one is decided`;
    throw new TrucError('PLATFORM_PROPOSALS_TOO_MANY', message);
  }
  if (dryRun) return { number: null, isNew: true, changes: described };
  const number = await session.proposals.add({ base, changes, note }, caller);
  await session.audit('proposed', { release: next.release.number, entries: described.length }, auditOf('propose', number));
  return { number, isNew: true, changes: described };
}

/** @throws TrucError PLATFORM_NOT_FOUND, PLATFORM_PROPOSAL_ENDED */
export async function openProposal(session: ApplySession, number: number): Promise<DictionaryProposalRow> {
  const row = await session.proposals.one(number);
  if (row === null) throw new TrucError('PLATFORM_NOT_FOUND', `there is no proposal ${number}`);
  if (row.state !== 'proposed') throw new TrucError('PLATFORM_PROPOSAL_ENDED', `proposal ${number} is ${row.state} already`);
  return row;
}

/** @throws TrucError PLATFORM_ACCESS_DENIED, PLATFORM_PROPOSAL_ENDED, and those of openProposal */
export async function review(
  session: ApplySession,
  caller: Principal,
  number: number,
  { verdict, comment }: { readonly verdict: 'agreed' | 'objected'; readonly comment: string },
): Promise<void> {
  demand(caller, 'dictionary.review', null);
  const row = await openProposal(session, number);
  if (row.proposer === caller.name) throw denied(caller, `dictionary.review of what it proposed itself (proposal ${number})`);
  await session.proposals.say(number, verdict, comment, caller);
  await session.audit(verdict, {}, auditOf('review', number));
}

/**
 * Makes the next release of a proposal: four eyes, no objection that nobody answered, and everything that was applied still stands under it.
 * @returns the release's number
 * @throws Refused, TrucError PLATFORM_ACCESS_DENIED, PLATFORM_OBJECTIONS_STAND, PLATFORM_PROPOSAL_ENDED, PLATFORM_NOT_FOUND
 */
export async function approve(
  session: ApplySession,
  caller: Principal,
  number: number,
  comment: string,
  language: Language,
): Promise<number> {
  demand(caller, 'dictionary.approve', null);
  const row = await openProposal(session, number);
  if (!mayApproveOf(caller, row.proposer))
    throw denied(caller, `dictionary.approve of what it proposed itself (proposal ${number}): four eyes`);
  const objections = standingObjections(await session.proposals.events(number));
  if (objections.length > 0 && comment === '') {
    const names = objections.map(({ principal }) => principal).join(', ');
    throw new TrucError(
      'PLATFORM_OBJECTIONS_STAND',
      `${names} objected: answer in a comment (--comment), which is kept, to approve all the same`,
    );
  }
  const { next, problems } = releaseOfProposal(parseContent(row.changes), await groundOf(session, row), language);
  if (next === null || problems.length > 0) throw new Refused(problems);
  if (!next.isNew) throw new TrucError('PLATFORM_PROPOSAL_ENDED', `the dictionary has all of proposal ${number} already: withdraw it`);
  await session.addRelease(next.release.number, next.content);
  await session.proposals.end(number, 'approved', next.release.number);
  await session.proposals.say(number, 'approved', comment, caller);
  await session.audit('approved', { release: next.release.number, objections: objections.length }, auditOf('approve', number));
  return next.release.number;
}

/** Ends a proposal without a release: the authority rejects, who proposed withdraws. @throws TrucError PLATFORM_ACCESS_DENIED, and those of openProposal */
export async function turnDown(
  session: ApplySession,
  caller: Principal,
  number: number,
  state: 'rejected' | 'withdrawn',
  comment: string,
): Promise<void> {
  if (state === 'rejected') demand(caller, 'dictionary.approve', null);
  const row = await openProposal(session, number);
  // An agency's proposal is its own, whoever made it there.
  const isOwn = row.proposer === caller.name || (row.agency !== null && may(caller, 'dictionary.propose', { agency: row.agency }));
  if (state === 'withdrawn' && !isOwn) throw denied(caller, `dictionary.withdraw of proposal ${number}, which is ${row.proposer}'s`);
  await session.proposals.end(number, state, null);
  await session.proposals.say(number, state, comment, caller);
  await session.audit(state, {}, auditOf(state === 'rejected' ? 'approve' : 'propose', number));
}

/** @throws TrucError PLATFORM_NOT_FOUND */
export async function groundOf(
  from: Pick<ApplySession, 'documents' | 'latestRelease' | 'release'>,
  { base }: Pick<DictionaryProposalRow, 'base'>,
): Promise<ProposalGround> {
  const [current, made, documents] = [await from.latestRelease(), await from.release(base), await from.documents()];
  if (current === null || made === null) throw new TrucError('PLATFORM_NOT_FOUND', `there is no release ${base}`);
  return { current: storedReleaseOf(current), base: storedReleaseOf(made), documents: documents.map(documentOfRow) };
}

/** The last word of everybody who objected and did not agree since. */
export function standingObjections(events: readonly ProposalEventRow[]): ProposalEventRow[] {
  const last = new Map(events.filter(({ event }) => event === 'agreed' || event === 'objected').map((event) => [event.principal, event]));
  return [...last.values()].filter(({ event }) => event === 'objected');
}

export function auditOf(what: 'propose' | 'review' | 'approve', number: number): { action: string; subject: string } {
  return { action: `dictionary.${what}`, subject: `proposal/${number}` };
}

function denied(caller: Principal, what: string): TrucError {
  return new TrucError('PLATFORM_ACCESS_DENIED', `${caller.name} (${caller.role}) may not do this: ${what}`);
}
