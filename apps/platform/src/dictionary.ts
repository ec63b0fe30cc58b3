import { Controller, Get, Inject, Param, Res } from '@nestjs/common';
import type { Principal } from '@truc/access';
import { CoordinationStore, type EntryStanding, type ReleaseSummary } from '@truc/coordination-store';
import { contentParts, type ContentPart, type DictionaryEntry } from '@truc/dictionary';
import { TrucError } from '@truc/kernel';
import type { Response } from 'express';
import { Caller, demand } from './caller.js';
import { Planning } from './planning.js';
import { numberOf } from './proposals.js';
import { sendJson } from './request-body.js';

const partOfUrn: Readonly<Record<string, ContentPart>> = {
  concept: 'concepts',
  element: 'elements',
  domain: 'valueDomains',
  codelist: 'codeLists',
};

/** GET /v1/dictionary/...: releases as they were made, entries as they stand, and how both came about. */
@Controller('v1/dictionary')
export class DictionaryController {
  readonly #store: CoordinationStore;
  readonly #planning: Planning;

  constructor(@Inject(CoordinationStore) store: CoordinationStore, @Inject(Planning) planning: Planning) {
    this.#store = store;
    this.#planning = planning;
  }

  @Get('releases')
  async releases(@Caller() caller: Principal): Promise<{ releases: ReleaseSummary[] }> {
    demand(caller, 'documents.read', null);
    return { releases: await this.#store.proposals.releases() };
  }

  /** `{number, content}` of `latest`, or of a number. */
  @Get('releases/:number')
  async release(@Caller() caller: Principal, @Param('number') text: string, @Res() response: Response): Promise<void> {
    demand(caller, 'documents.read', null);
    const stored = await this.#store.releaseText(text === 'latest' ? null : numberOf(text));
    if (stored === null) throw new TrucError('PLATFORM_NOT_FOUND', `there is no release ${text}`);
    sendJson(response, { number: stored.number }, await this.#planning.run(caller.name, 'content', stored));
  }

  @Get('entries/:id')
  async entry(
    @Caller() caller: Principal,
    @Param('id') id: string,
  ): Promise<{ release: number; entry: DictionaryEntry; history: EntryStanding[] }> {
    demand(caller, 'documents.read', null);
    const part = partOfUrn[id.split(':')[3] ?? ''];
    const latest = await this.#store.releaseText(null);
    const entry = latest && (await this.#planning.run(caller.name, 'entry', { release: latest, id }));
    if (part === undefined || latest === null || entry === null) {
      throw new TrucError(
        'PLATFORM_NOT_FOUND',
        `the dictionary has no entry "${id.slice(0, 300)}"; its parts are ${contentParts.join(', ')}`,
      );
    }
    return { release: latest.number, entry, history: await this.#store.proposals.entryHistory(part, id) };
  }
}
