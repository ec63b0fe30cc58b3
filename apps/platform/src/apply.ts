import { Body, Controller, Headers, HttpCode, Inject, Post, Res } from '@nestjs/common';
import type { Problem } from '@truc/coordination';
import type { Principal } from '@truc/access';
import { CoordinationStore, type DocumentRow } from '@truc/coordination-store';
import type { Response } from 'express';
import { z } from 'zod';
import { Caller, demand } from './caller.js';
import { Planning } from './planning.js';
import type { PlannedApply } from './planning-tasks.js';
import { planThenApply } from './plan-then-apply.js';
import { planned, propose, type MadeProposal } from './proposal-desk.js';
import { Publication } from './publication.js';
import { Refused } from './refused.js';
import { languageOf, parseBody, plainText } from './request-body.js';
import { notPublished, storedThenPublished, type PublicationOutcome } from './stored-then-published.js';

export const documentFiles = z.array(z.strictObject({ path: plainText.min(1).max(1000), text: z.string() })).max(2000);
const applyRequest = z.strictObject({
  files: documentFiles,
  /** Why the dictionary is to change, where it is. */
  note: plainText.trim().max(4000).default(''),
  dryRun: z.boolean().default(false),
});

interface ApplyReply extends PublicationOutcome {
  readonly message: string;
  readonly dryRun: boolean;
  readonly created: readonly string[];
  readonly changed: readonly string[];
  readonly unchanged: readonly string[];
  /** Where the files change the dictionary that holds. */
  readonly proposal: MadeProposal | null;
}

/** POST /v1/apply: all of it or nothing; what is applied again changes nothing. */
@Controller('v1/apply')
export class ApplyController {
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

  @Post()
  @HttpCode(200)
  async apply(
    @Caller() caller: Principal,
    @Body() body: unknown,
    @Headers('accept-language') language: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ApplyReply | { readonly problems: readonly Problem[] }> {
    // Whoever may apply nothing at all is not told what is wrong with it either.
    demand(caller, 'documents.apply', caller.agency);
    const { files, note, dryRun } = parseBody(applyRequest, body);
    try {
      const planNow = async (): Promise<PlannedApply> => {
        const rows = await this.#store.documents();
        const what = { files, documents: rows, language: languageOf(language) };
        const plan = await planned(this.#planning, this.#store, caller, what);
        demandPlan(caller, plan, rows);
        return plan;
      };
      const { plan, proposal } = await planThenApply(this.#store, caller.name, planNow, async (session, plan) => {
        const { save, newRelease, proposed, created, changed } = plan;
        const made = proposed && (await propose(session, caller, proposed, { note, dryRun }));
        if (dryRun) return { plan, proposal: made };
        if (newRelease !== null) await session.addRelease(newRelease.number, newRelease.content);
        for (const document of save) await session.save(document);
        await session.audit(created.length + changed.length === 0 ? 'unchanged' : 'applied', { created, changed });
        return { plan, proposal: made };
      });
      return await this.#reply(plan, proposal, dryRun);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const detail = { problems: error.problems.length };
      if (!dryRun) await this.#store.audit({ principal: caller.name, action: 'apply', subject: 'documents', result: 'refused', detail });
      response.status(422);
      return { problems: error.problems };
    }
  }

  async #reply({ created, changed, unchanged }: PlannedApply, proposal: MadeProposal | null, dryRun: boolean): Promise<ApplyReply> {
    const message = sentenceOf(created.length, changed.length, proposal, dryRun);
    const reply = { message, dryRun, created, changed, unchanged, proposal };
    return { ...reply, ...(dryRun ? notPublished : await storedThenPublished(this.#publication)) };
  }
}

function sentenceOf(created: number, changed: number, proposal: MadeProposal | null, dryRun: boolean): string {
  const done = dryRun ? 'would be' : 'were';
  const documents = created + changed === 0 ? 'nothing changed' : `${created} ${done} created, ${changed} ${done} changed`;
  if (proposal === null) return documents;
  const { number, changes } = proposal;
  const entries = changes.length === 1 ? '1 entry of the dictionary' : `${changes.length} entries of the dictionary`;
  if (number === null) return `${documents}; ${entries} would be proposed`;
  return `${documents}; ${entries} changed in proposal ${number}, which holds once it is approved: truc dictionary show ${number}`;
}

/**
 * Datasets and sources are their agency's, the one that has them now and the one that is to have them; agencies, contracts and the first dictionary are the
 * administrator's: a contract gives away what is another's.
 */
function demandPlan(caller: Principal, { save, newRelease }: PlannedApply, stored: readonly DocumentRow[]): void {
  if (newRelease !== null) demand(caller, 'documents.apply', null);
  for (const { kind, name, agency } of save) {
    const isOwned = kind === 'dataset' || kind === 'source';
    demand(caller, 'documents.apply', isOwned ? agency : null);
    const old = stored.find((document) => document.kind === kind && document.name === name);
    if (isOwned && old !== undefined) demand(caller, 'documents.apply', old.agency);
  }
}
