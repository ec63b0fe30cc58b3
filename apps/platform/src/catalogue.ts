import { Controller, Get, Inject, Param } from '@nestjs/common';
import { may, type Principal } from '@truc/access';
import { CoordinationStore, type DocumentRow } from '@truc/coordination-store';
import { policyKey, type PolicyEntry } from '@truc/coordination';
import { TrucError } from '@truc/kernel';
import { Caller, demand } from './caller.js';
import { concernedBy } from './policy-audience.js';
import { Publication } from './publication.js';

interface DocumentView {
  readonly kind: string;
  readonly name: string;
  readonly agency: string;
  readonly revision: number;
  readonly appliedBy: string;
  readonly appliedAt: string;
  readonly body: object;
}

/** GET /v1/documents, /v1/documents/:kind/:name and /v1/policy: what was applied, and what it was compiled to. */
@Controller('v1')
export class CatalogueController {
  readonly #store: CoordinationStore;
  readonly #publication: Publication;

  constructor(@Inject(CoordinationStore) store: CoordinationStore, @Inject(Publication) publication: Publication) {
    this.#store = store;
    this.#publication = publication;
  }

  @Get('documents')
  async list(@Caller() caller: Principal): Promise<{ documents: DocumentView[] }> {
    demand(caller, 'documents.read', caller.agency);
    const rows = await this.#store.documents();
    // Without its content, which can be megabytes.
    const [release] = await this.#store.proposals.releases(1);
    const documents = rows.filter((row) => may(caller, 'documents.read', { agency: readerOf(row) })).map(viewOf);
    if (release === undefined) return { documents };
    const { number, appliedBy, appliedAt } = release;
    const dictionary = {
      kind: 'dictionary',
      name: String(number),
      agency: '',
      revision: number,
      appliedBy,
      appliedAt: appliedAt.toISOString(),
      body: {},
    };
    return { documents: [...documents, dictionary] };
  }

  /** A source's name has a slash (`G01/population`), so the rest of the path is the name. */
  @Get('documents/:kind/*name')
  async one(@Caller() caller: Principal, @Param('kind') kind: string, @Param('name') name: string | string[]): Promise<DocumentView> {
    const wanted = [name].flat().join('/');
    const row = await this.#store.document(kind, wanted);
    if (row === null) throw new TrucError('PLATFORM_NOT_FOUND', `there is no ${kind} "${wanted}"`);
    demand(caller, 'documents.read', readerOf(row));
    return viewOf(row);
  }

  @Get('policy')
  policy(@Caller() caller: Principal): { entries: { key: string; entry: PolicyEntry }[] } {
    demand(caller, 'documents.read', caller.agency);
    const { entries } = this.#publication;
    const visible = entries.filter((entry) => concernedBy(entry, entries).some((agency) => may(caller, 'documents.read', { agency })));
    return { entries: visible.map((entry) => ({ key: policyKey(entry), entry })) };
  }
}

/** Whose business a document is: a source its agency's and a contract its consumer's; agencies and datasets are everybody's. */
function readerOf({ kind, agency }: Pick<DocumentRow, 'kind' | 'agency'>): string | null {
  return kind === 'source' || kind === 'contract' ? agency : null;
}

function viewOf({ kind, name, agency, revision, appliedBy, appliedAt, body }: DocumentRow): DocumentView {
  return { kind, name, agency, revision, appliedBy, appliedAt: appliedAt.toISOString(), body };
}
