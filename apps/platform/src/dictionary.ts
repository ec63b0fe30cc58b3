import { Controller, Get, Inject, Param } from '@nestjs/common';
import type { Principal } from '@truc/access';
import { CoordinationStore, type EntryStanding, type ReleaseSummary } from '@truc/coordination-store';
import { contentParts, entriesOf, parseContent, type ContentPart, type DictionaryContent, type DictionaryEntry } from '@truc/dictionary';
import { TrucError } from '@truc/kernel';
import { Caller, demand } from './caller.js';
import { numberOf } from './proposals.js';

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

  constructor(@Inject(CoordinationStore) store: CoordinationStore) {
    this.#store = store;
  }

  @Get('releases')
  async releases(@Caller() caller: Principal): Promise<{ releases: ReleaseSummary[] }> {
    demand(caller, 'documents.read', null);
    return { releases: await this.#store.proposals.releases() };
  }

  /** `latest`, or a number. */
  @Get('releases/:number')
  async release(@Caller() caller: Principal, @Param('number') text: string): Promise<{ number: number; content: DictionaryContent }> {
    demand(caller, 'documents.read', null);
    const row = text === 'latest' ? await this.#store.latestRelease() : await this.#store.release(numberOf(text));
    if (row === null) throw new TrucError('PLATFORM_NOT_FOUND', `there is no release ${text}`);
    return { number: row.number, content: parseContent(row.content) };
  }

  @Get('entries/:id')
  async entry(
    @Caller() caller: Principal,
    @Param('id') id: string,
  ): Promise<{ release: number; entry: DictionaryEntry; history: EntryStanding[] }> {
    demand(caller, 'documents.read', null);
    const part = partOfUrn[id.split(':')[3] ?? ''];
    const latest = await this.#store.latestRelease();
    const content = latest && parseContent(latest.content);
    const entry = content === null ? undefined : entriesOf(content).find((one) => one.id === id);
    if (part === undefined || latest === null || entry === undefined) {
      throw new TrucError(
        'PLATFORM_NOT_FOUND',
        `the dictionary has no entry "${id.slice(0, 300)}"; its parts are ${contentParts.join(', ')}`,
      );
    }
    return { release: latest.number, entry, history: await this.#store.proposals.entryHistory(part, id) };
  }
}
