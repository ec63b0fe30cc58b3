import { Body, Controller, Headers, HttpCode, Inject, Post, Res } from '@nestjs/common';
import { planApply, type ApplyPlan, type Document, type Problem } from '@truc/coordination';
import type { Principal } from '@truc/access';
import { CoordinationStore } from '@truc/coordination-store';
import type { Response } from 'express';
import { z } from 'zod';
import { Caller, demand } from './caller.js';
import { documentOfRow, Publication, storedReleaseOf, type PublicationReport } from './publication.js';
import { parseBody } from './request-body.js';

const applyRequest = z.strictObject({
  files: z.array(z.strictObject({ path: z.string().min(1).max(1000), text: z.string() })).max(2000),
  dryRun: z.boolean().default(false),
});

interface ApplyReply {
  readonly message: string;
  readonly dryRun: boolean;
  readonly created: readonly string[];
  readonly changed: readonly string[];
  readonly unchanged: readonly string[];
  readonly published: PublicationReport | null;
  /** Set where everything is stored but not all of it is published yet; publishing goes on by itself. */
  readonly pending: string | null;
}

/** Thrown inside the transaction to leave it without a trace. */
class Refused extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super('the documents have problems');
    this.problems = problems;
  }
}

/** POST /v1/apply: all of it or nothing; what is applied again changes nothing. */
@Controller('v1/apply')
export class ApplyController {
  readonly #store: CoordinationStore;
  readonly #publication: Publication;

  constructor(@Inject(CoordinationStore) store: CoordinationStore, @Inject(Publication) publication: Publication) {
    this.#store = store;
    this.#publication = publication;
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
    const { files, dryRun } = parseBody(applyRequest, body);
    try {
      const plan = await this.#store.apply(caller.name, async (session) => {
        const [rows, release] = [await session.documents(), await session.latestRelease()];
        const state = { documents: rows.map(documentOfRow), release: release && storedReleaseOf(release) };
        const result = planApply(files, state, /^vi\b/i.test(language ?? '') ? 'vi' : 'en');
        if ('problems' in result) throw new Refused(result.problems);
        demandPlan(caller, result.plan, state.documents);
        if (dryRun) return result.plan;
        const { save, newRelease, created, changed } = result.plan;
        if (newRelease !== null) await session.addRelease(newRelease.release.number, newRelease.content);
        for (const document of save) await session.save(document);
        await session.audit(created.length + changed.length === 0 ? 'unchanged' : 'applied', { created, changed });
        return result.plan;
      });
      return await this.#reply(plan, dryRun);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const detail = { problems: error.problems.length };
      if (!dryRun) await this.#store.audit({ principal: caller.name, action: 'apply', subject: 'documents', result: 'refused', detail });
      response.status(422);
      return { problems: error.problems };
    }
  }

  async #reply({ created, changed, unchanged }: ApplyPlan, dryRun: boolean): Promise<ApplyReply> {
    const count = created.length + changed.length;
    const done = dryRun ? 'would be' : 'were';
    const message = count === 0 ? 'nothing changed' : `${created.length} ${done} created, ${changed.length} ${done} changed`;
    const reply = { message, dryRun, created, changed, unchanged };
    if (dryRun) return { ...reply, published: null, pending: null };
    try {
      const published = await this.#publication.publish();
      return { ...reply, published, pending: null };
    } catch (error) {
      // Stored is stored; the publication is made up for as soon as the brokers can be reached.
      return { ...reply, published: null, pending: error instanceof Error ? error.message : String(error) };
    }
  }
}

/**
 * Datasets and sources are their agency's, the one that has them now and the one that is to have them; agencies, contracts and the dictionary are the
 * administrator's: a contract gives away what is another's.
 */
function demandPlan(caller: Principal, { save, newRelease }: ApplyPlan, stored: readonly Document[]): void {
  if (newRelease !== null) demand(caller, 'documents.apply', null);
  for (const { kind, name, agency } of save) {
    const isOwned = kind === 'dataset' || kind === 'source';
    demand(caller, 'documents.apply', isOwned ? agency : null);
    const old = stored.find((document) => document.kind === kind && document.name === name);
    if (isOwned && old !== undefined) demand(caller, 'documents.apply', old.agency);
  }
}
