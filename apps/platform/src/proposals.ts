import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, Res } from '@nestjs/common';
import type { Principal } from '@truc/access';
import type { Problem } from '@truc/coordination';
import { CoordinationStore, type ProposalSummary } from '@truc/coordination-store';
import { TrucError } from '@truc/kernel';
import type { Response } from 'express';
import { z } from 'zod';
import { documentFiles } from './apply.js';
import { Caller, demand } from './caller.js';
import { Planning } from './planning.js';
import type { PlannedProposal } from './planning-tasks.js';
import { visibleTrial, type VisibleTrial } from './visible-trial.js';
import { planThenApply } from './plan-then-apply.js';
import { approve, auditOf, groundOf, planned, plannedApproval, propose, review, turnDown, type MadeProposal } from './proposal-desk.js';
import { Publication } from './publication.js';
import { Refused } from './refused.js';
import { languageOf, parseBody, plainText, sendJson } from './request-body.js';
import { storedThenPublished, type PublicationOutcome } from './stored-then-published.js';

const comment = plainText.trim().max(4000).default('');
const proposeRequest = z.strictObject({ files: documentFiles, note: comment, dryRun: z.boolean().default(false) });
const reviewRequest = z.strictObject({ verdict: z.enum(['agreed', 'objected']), comment });
const decisionRequest = z.strictObject({ comment });

type Refusal = { readonly problems: readonly Problem[] };

/** /v1/dictionary/proposals: from what somebody wants of the dictionary to the release that it becomes. */
@Controller('v1/dictionary/proposals')
export class ProposalsController {
  readonly #store: CoordinationStore;
  readonly #publication: Publication;
  readonly #planning: Planning;

  constructor(
    @Inject(CoordinationStore) store: CoordinationStore,
    @Inject(Publication) publication: Publication,
    @Inject(Planning) planning: Planning,
  ) {
    this.#store = store;
    this.#publication = publication;
    this.#planning = planning;
  }

  @Get()
  async list(@Caller() caller: Principal): Promise<{ proposals: ProposalSummary[] }> {
    demand(caller, 'documents.read', null);
    return { proposals: await this.#store.proposals.latest() };
  }

  /** `{...its row, changes, content, events}`: what it changes in words, and as entries. */
  @Get(':number')
  async one(@Caller() caller: Principal, @Param('number') text: string, @Res() response: Response): Promise<void> {
    demand(caller, 'documents.read', null);
    const number = numberOf(text);
    const [row, made] = [await this.#store.proposals.summary(number), await this.#store.proposals.changesOf(number)];
    const base = made && (await this.#store.releaseText(made.base));
    if (row === null || made === null || base === null) throw new TrucError('PLATFORM_NOT_FOUND', `there is no proposal ${number}`);
    const { changes, content } = await this.#planning.run(caller.name, 'changes', { base, changes: made.changes });
    sendJson(response, { ...row, changes, events: await this.#store.proposals.events(number) }, content);
  }

  /** `{number, content, problems}`: the release that it would be if it were approved now, and what stands in the way. */
  @Get(':number/release')
  async release(
    @Caller() caller: Principal,
    @Param('number') text: string,
    @Headers('accept-language') language: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    demand(caller, 'documents.read', null);
    const { changes, ground, rows } = await groundOf(this.#store, numberOf(text));
    const { next, problems: all } = await this.#planning.run(caller.name, 'release', { changes, ground, language: languageOf(language) });
    const { problems } = visibleTrial({ release: null, problems: all, subjects: [] }, rows, caller);
    sendJson(response, { number: next?.number ?? null, problems }, next?.content ?? 'null');
  }

  /** What its release would break of what was applied and registered. The log is not looked at here: the platform may not read it. */
  @Get(':number/trial')
  async trial(
    @Caller() caller: Principal,
    @Param('number') text: string,
    @Headers('accept-language') language: string | undefined,
  ): Promise<VisibleTrial> {
    demand(caller, 'documents.read', null);
    const { changes, ground, rows } = await groundOf(this.#store, numberOf(text));
    return visibleTrial(await this.#planning.run(caller.name, 'trial', { changes, ground, language: languageOf(language) }), rows, caller);
  }

  @Post()
  @HttpCode(200)
  async propose(
    @Caller() caller: Principal,
    @Body() body: unknown,
    @Headers('accept-language') language: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<{ proposal: MadeProposal | null } | Refusal> {
    const { files, note, dryRun } = parseBody(proposeRequest, body);
    // Whoever may propose nothing at all is not told what is wrong with it either.
    const planNow = async (): Promise<PlannedProposal | null> => {
      demand(caller, 'dictionary.propose', caller.agency);
      const documents = await this.#store.documents();
      if ((await this.#store.latestReleaseNumber()) === null) {
        throw new TrucError(
          'PLATFORM_REQUEST_INVALID',
          'there is no dictionary yet: the first release is applied (truc apply -f), by the administrator',
        );
      }
      const what = { files, documents, language: languageOf(language), isDictionaryOnly: true };
      return (await planned(this.#planning, this.#store, caller, what)).proposed;
    };
    return this.#decide(caller, auditOf('propose', 0), response, () =>
      planThenApply(
        this.#store,
        caller.name,
        async () => ({ proposed: await planNow() }),
        async (session, { proposed }) => ({
          proposal: proposed && (await propose(session, caller, proposed, { note, dryRun })),
        }),
      ),
    );
  }

  @Post(':number/reviews')
  @HttpCode(200)
  async review(
    @Caller() caller: Principal,
    @Param('number') text: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object> {
    const number = numberOf(text);
    const said = parseBody(reviewRequest, body);
    return this.#decide(caller, auditOf('review', number), response, () =>
      this.#store.apply(caller.name, async (session) => {
        await review(session, caller, number, said);
        return { number, ...said };
      }),
    );
  }

  @Post(':number/approval')
  @HttpCode(200)
  async approve(
    @Caller() caller: Principal,
    @Param('number') text: string,
    @Body() body: unknown,
    @Headers('accept-language') language: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<({ number: number; release: number } & PublicationOutcome) | Refusal> {
    const number = numberOf(text);
    const said = parseBody(decisionRequest, body).comment;
    const decided = await this.#decide(caller, auditOf('approve', number), response, () =>
      planThenApply(
        this.#store,
        caller.name,
        () => plannedApproval(this.#planning, this.#store, caller, { number, comment: said, language: languageOf(language) }),
        async (session, next) => ({ number, release: await approve(session, caller, number, said, next) }),
      ),
    );
    return 'problems' in decided ? decided : { ...decided, ...(await storedThenPublished(this.#publication)) };
  }

  @Post(':number/rejection')
  @HttpCode(200)
  reject(
    @Caller() caller: Principal,
    @Param('number') text: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object> {
    return this.#turnDown(caller, numberOf(text), 'rejected', body, response);
  }

  @Post(':number/withdrawal')
  @HttpCode(200)
  withdraw(
    @Caller() caller: Principal,
    @Param('number') text: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) response: Response,
  ): Promise<object> {
    return this.#turnDown(caller, numberOf(text), 'withdrawn', body, response);
  }

  #turnDown(caller: Principal, number: number, state: 'rejected' | 'withdrawn', body: unknown, response: Response): Promise<object> {
    const said = parseBody(decisionRequest, body).comment;
    return this.#decide(caller, auditOf(state === 'rejected' ? 'approve' : 'propose', number), response, () =>
      this.#store.apply(caller.name, async (session) => {
        await turnDown(session, caller, number, state, said);
        return { number, state };
      }),
    );
  }

  /** A decision; a refusal leaves a row in the audit and nothing else. */
  async #decide<T>(
    caller: Principal,
    of: { readonly action: string; readonly subject: string },
    response: Response,
    work: () => Promise<T>,
  ): Promise<T | Refusal> {
    try {
      return await work();
    } catch (error) {
      const isDenied = error instanceof TrucError && error.code.startsWith('PLATFORM_');
      if (!(error instanceof Refused) && !isDenied) throw error;
      const detail = error instanceof Refused ? { problems: error.problems.length } : { code: error.code };
      const entry = { ...of, subject: of.subject === 'proposal/0' ? 'proposal' : of.subject };
      await this.#store.audit({ principal: caller.name, ...entry, result: 'refused', detail });
      if (!(error instanceof Refused)) throw error;
      response.status(422);
      return { problems: error.problems };
    }
  }
}

/** @throws TrucError PLATFORM_NOT_FOUND */
export function numberOf(text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text))
    throw new TrucError('PLATFORM_NOT_FOUND', `"${text.slice(0, 40)}" is no number of a proposal or a release`);
  return Number(text);
}
