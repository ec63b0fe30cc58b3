import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, Res } from '@nestjs/common';
import type { Principal } from '@truc/access';
import {
  dictionaryFiles,
  planApply,
  proposalChanges,
  releaseOfProposal,
  tryRelease,
  type DictionaryContent,
  type Problem,
} from '@truc/coordination';
import { CoordinationStore, type ApplySession, type ProposalEventRow, type ProposalSummary } from '@truc/coordination-store';
import { parseContent, type EntryChange } from '@truc/dictionary';
import { TrucError } from '@truc/kernel';
import type { Response } from 'express';
import { z } from 'zod';
import { documentFiles } from './apply.js';
import { Caller, demand } from './caller.js';
import { visibleTrial, type VisibleTrial } from './visible-trial.js';
import { approve, auditOf, groundOf, propose, Refused, review, turnDown, type MadeProposal } from './proposal-desk.js';
import { documentOfRow, Publication } from './publication.js';
import { storedReleaseOf } from './published-releases.js';
import { languageOf, parseBody } from './request-body.js';
import { storedThenPublished, type PublicationOutcome } from './stored-then-published.js';

const comment = z.string().trim().max(4000).default('');
const proposeRequest = z.strictObject({ files: documentFiles, note: comment, dryRun: z.boolean().default(false) });
const reviewRequest = z.strictObject({ verdict: z.enum(['agreed', 'objected']), comment });
const decisionRequest = z.strictObject({ comment });

interface ProposalView extends ProposalSummary {
  readonly changes: readonly EntryChange[];
  readonly content: DictionaryContent;
  readonly events: readonly ProposalEventRow[];
}

type Refusal = { readonly problems: readonly Problem[] };

/** /v1/dictionary/proposals: from what somebody wants of the dictionary to the release that it becomes. */
@Controller('v1/dictionary/proposals')
export class ProposalsController {
  readonly #store: CoordinationStore;
  readonly #publication: Publication;

  constructor(@Inject(CoordinationStore) store: CoordinationStore, @Inject(Publication) publication: Publication) {
    this.#store = store;
    this.#publication = publication;
  }

  @Get()
  async list(@Caller() caller: Principal): Promise<{ proposals: ProposalSummary[] }> {
    demand(caller, 'documents.read', null);
    return { proposals: await this.#store.proposals.latest() };
  }

  @Get(':number')
  async one(@Caller() caller: Principal, @Param('number') text: string): Promise<ProposalView> {
    demand(caller, 'documents.read', null);
    const number = numberOf(text);
    const row = await this.#store.proposals.one(number);
    const base = row && (await this.#store.release(row.base));
    if (row === null || base === null) throw new TrucError('PLATFORM_NOT_FOUND', `there is no proposal ${number}`);
    const content = parseContent(row.changes);
    const changes = proposalChanges(storedReleaseOf(base), content);
    return { ...row, changes, content, events: await this.#store.proposals.events(number) };
  }

  /** The release that it would be if it were approved now, and what stands in the way. */
  @Get(':number/release')
  async release(
    @Caller() caller: Principal,
    @Param('number') text: string,
    @Headers('accept-language') language: string | undefined,
  ): Promise<{ number: number | null; content: DictionaryContent | null } & Refusal> {
    demand(caller, 'documents.read', null);
    const number = numberOf(text);
    const row = await this.#store.proposals.one(number);
    if (row === null) throw new TrucError('PLATFORM_NOT_FOUND', `there is no proposal ${number}`);
    const ground = await groundOf(this.#outside(), row);
    const { next, problems: all } = releaseOfProposal(parseContent(row.changes), ground, languageOf(language));
    const { problems } = visibleTrial({ release: null, problems: all, subjects: [] }, ground.documents, caller);
    return { number: next?.release.number ?? null, content: next?.content ?? null, problems };
  }

  /** What its release would break of what was applied and registered. The log is not looked at here: the platform may not read it. */
  @Get(':number/trial')
  async trial(
    @Caller() caller: Principal,
    @Param('number') text: string,
    @Headers('accept-language') language: string | undefined,
  ): Promise<VisibleTrial> {
    demand(caller, 'documents.read', null);
    const number = numberOf(text);
    const row = await this.#store.proposals.one(number);
    if (row === null) throw new TrucError('PLATFORM_NOT_FOUND', `there is no proposal ${number}`);
    const ground = await groundOf(this.#outside(), row);
    return visibleTrial(tryRelease(parseContent(row.changes), ground, languageOf(language)), ground.documents, caller);
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
    const check = (): void => {
      // Whoever may propose nothing at all is not told what is wrong with it either.
      demand(caller, 'dictionary.propose', caller.agency);
      const known = new Set(dictionaryFiles(files));
      const other = files.find((file) => !known.has(file));
      if (other === undefined) return;
      throw new TrucError('PLATFORM_REQUEST_INVALID', `${other.path} is no dictionary document: truc apply takes the others`);
    };
    const work = async (session: ApplySession): Promise<{ proposal: MadeProposal | null }> => {
      const [rows, release] = [await session.documents(), await session.latestRelease()];
      if (release === null) {
        throw new TrucError(
          'PLATFORM_REQUEST_INVALID',
          'there is no dictionary yet: the first release is applied (truc apply -f), by the administrator',
        );
      }
      const state = { documents: rows.map(documentOfRow), release: storedReleaseOf(release) };
      const result = planApply(files, state, languageOf(language));
      if ('problems' in result) throw new Refused(result.problems);
      const { proposed } = result.plan;
      return { proposal: proposed && (await propose(session, caller, proposed, { note, dryRun })) };
    };
    return this.#decide(caller, auditOf('propose', 0), response, work, check);
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
    return this.#decide(caller, auditOf('review', number), response, async (session) => {
      await review(session, caller, number, said);
      return { number, ...said };
    });
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
    const decided = await this.#decide(caller, auditOf('approve', number), response, async (session) => ({
      number,
      release: await approve(session, caller, number, said, languageOf(language)),
    }));
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

  /** What there is to read outside of any transaction. */
  #outside(): Parameters<typeof groundOf>[0] {
    const store = this.#store;
    return { documents: () => store.documents(), latestRelease: () => store.latestRelease(), release: (number) => store.release(number) };
  }

  #turnDown(caller: Principal, number: number, state: 'rejected' | 'withdrawn', body: unknown, response: Response): Promise<object> {
    const said = parseBody(decisionRequest, body).comment;
    return this.#decide(caller, auditOf(state === 'rejected' ? 'approve' : 'propose', number), response, async (session) => {
      await turnDown(session, caller, number, state, said);
      return { number, state };
    });
  }

  /** One transaction, for whoever passes the check before it; a refusal leaves a row in the audit and nothing else. */
  async #decide<T>(
    caller: Principal,
    of: { readonly action: string; readonly subject: string },
    response: Response,
    work: (session: ApplySession) => Promise<T>,
    check: () => void = () => {},
  ): Promise<T | Refusal> {
    try {
      check();
      return await this.#store.apply(caller.name, work);
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
