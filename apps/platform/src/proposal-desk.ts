import { may, mayApproveOf, type Principal } from '@truc/access';
import type { DocumentFile } from '@truc/coordination';
import type { ApplySession, CoordinationStore, DictionaryProposalRow, DocumentRow, ProposalEventRow } from '@truc/coordination-store';
import { isoDateOfDays, vietnamToday, type EntryChange } from '@truc/dictionary';
import { type Language, systemClock, TrucError } from '@truc/kernel';
import { demand } from './caller.js';
import type { Planning } from './planning.js';
import { Refused } from './refused.js';
import type { PlannedApply, PlannedProposal, PlannedRelease, StoredBody, StoredGround } from './planning-tasks.js';

/** Proposals that one principal may have open at once. */
export const proposalsOpenMax = 20;

/** A proposal that was made, or would be: then it has no number. */
export interface MadeProposal {
  readonly number: number | null;
  /** False where the same one is open already. */
  readonly isNew: boolean;
  readonly changes: readonly EntryChange[];
}

/** What applying the files would do. @throws Refused; TrucError PLATFORM_REQUEST_INVALID for a file that is no dictionary document where only those are taken; those of Planning */
export async function planned(
  planning: Planning,
  store: Pick<CoordinationStore, 'releaseText' | 'proposals'>,
  caller: Principal,
  what: {
    readonly files: readonly DocumentFile[];
    readonly documents: readonly DocumentRow[];
    readonly language: Language;
    readonly isDictionaryOnly?: boolean;
  },
): Promise<PlannedApply> {
  const { files, documents, language, isDictionaryOnly = false } = what;
  const release = await store.releaseText(null);
  const open = await store.proposals.openChanges(caller.name);
  const result = await planning.run(caller.name, 'apply', {
    files,
    documents: bodiesOf(documents),
    release,
    open,
    isDictionaryOnly,
    language,
  });
  if ('problems' in result) throw new Refused(result.problems);
  if ('stray' in result) {
    throw new TrucError('PLATFORM_REQUEST_INVALID', `${result.stray} is no dictionary document: truc apply takes the others`);
  }
  return result.plan;
}

function bodiesOf(rows: readonly DocumentRow[]): StoredBody[] {
  return rows.map(({ kind, body }) => ({ kind, body }));
}

/**
 * Makes a proposal, or finds it where the same principal has the same one open. Whoever proposes speaks for the steward of every entry that changes, before and after.
 * @throws TrucError PLATFORM_ACCESS_DENIED, PLATFORM_PROPOSALS_TOO_MANY
 */
export async function propose(
  session: ApplySession,
  caller: Principal,
  { base, changes, described, same, release }: PlannedProposal,
  { note, dryRun }: { readonly note: string; readonly dryRun: boolean },
): Promise<MadeProposal> {
  for (const { stewards } of described) for (const steward of stewards) demand(caller, 'dictionary.propose', steward);
  if (same !== null) return { number: same, isNew: false, changes: described };
  const open = await session.proposals.openCount(caller.name);
  if (open >= proposalsOpenMax) {
    const message = `${caller.name} has ${open} proposals open: withdraw one (truc dictionary withdraw N), or wait until one is decided`;
    throw new TrucError('PLATFORM_PROPOSALS_TOO_MANY', message);
  }
  if (dryRun) return { number: null, isNew: true, changes: described };
  const number = await session.proposals.add({ base, changes, note }, caller);
  await session.audit('proposed', { release, entries: described.length }, auditOf('propose', number));
  return { number, isNew: true, changes: described };
}

/** @throws TrucError PLATFORM_NOT_FOUND, PLATFORM_PROPOSAL_ENDED */
export async function openProposal(session: Pick<ApplySession, 'proposals'>, number: number): Promise<DictionaryProposalRow> {
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
 * Whether a proposal may be approved now: four eyes, and no objection that nobody answered.
 * @returns how many objections stand
 * @throws TrucError PLATFORM_ACCESS_DENIED, PLATFORM_OBJECTIONS_STAND, PLATFORM_PROPOSAL_ENDED, PLATFORM_NOT_FOUND
 */
async function demandApproval(from: Pick<ApplySession, 'proposals'>, caller: Principal, number: number, comment: string): Promise<number> {
  demand(caller, 'dictionary.approve', null);
  const row = await openProposal(from, number);
  if (!mayApproveOf(caller, row.proposer))
    throw denied(caller, `dictionary.approve of what it proposed itself (proposal ${number}): four eyes`);
  const objections = standingObjections(await from.proposals.events(number));
  if (objections.length > 0 && comment === '') {
    const names = objections.map(({ principal }) => principal).join(', ');
    throw new TrucError(
      'PLATFORM_OBJECTIONS_STAND',
      `${names} objected: answer in a comment (--comment), which is kept, to approve all the same`,
    );
  }
  return objections.length;
}

/** The release that approving a proposal would make; everything that was applied still stands under it. @throws Refused, and those of demandApproval */
export async function plannedApproval(
  planning: Planning,
  store: CoordinationStore,
  caller: Principal,
  { number, comment, language }: { readonly number: number; readonly comment: string; readonly language: Language },
): Promise<NonNullable<PlannedRelease['next']>> {
  await demandApproval(store, caller, number, comment);
  const { changes, ground } = await groundOf(store, number);
  const { next, problems } = await planning.run(caller.name, 'release', { changes, ground, language });
  if (next === null || problems.length > 0) throw new Refused(problems);
  if (!next.isNew) throw new TrucError('PLATFORM_PROPOSAL_ENDED', `the dictionary has all of proposal ${number} already: withdraw it`);
  return next;
}

/**
 * Makes the planned release of a proposal.
 * @returns the release's number
 * @throws those of demandApproval
 */
export async function approve(
  session: ApplySession,
  caller: Principal,
  number: number,
  comment: string,
  next: NonNullable<PlannedRelease['next']>,
): Promise<number> {
  const objections = await demandApproval(session, caller, number, comment);
  await session.addRelease(next.number, next.content);
  await session.proposals.end(number, 'approved', next.number);
  await session.proposals.say(number, 'approved', comment, caller);
  await session.audit('approved', { release: next.number, objections }, auditOf('approve', number));
  return next.number;
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

/** A proposal's changes and what they meet. @throws TrucError PLATFORM_NOT_FOUND */
export async function groundOf(
  from: Pick<CoordinationStore, 'documents' | 'releaseText'> & { readonly proposals: Pick<ApplySession['proposals'], 'changesOf'> },
  number: number,
): Promise<{ readonly changes: string; readonly ground: StoredGround; readonly rows: readonly DocumentRow[] }> {
  const made = await from.proposals.changesOf(number);
  if (made === null) throw new TrucError('PLATFORM_NOT_FOUND', `there is no proposal ${number}`);
  const [current, base, rows] = [await from.releaseText(null), await from.releaseText(made.base), await from.documents()];
  if (current === null || base === null) throw new TrucError('PLATFORM_NOT_FOUND', `there is no release ${made.base}`);
  const today = isoDateOfDays(vietnamToday(systemClock));
  return { changes: made.changes, ground: { current, base, documents: bodiesOf(rows), today }, rows };
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
