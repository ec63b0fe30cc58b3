import { Controller, Get, Inject } from '@nestjs/common';
import type { Principal } from '@truc/access';
import { CoordinationStore } from '@truc/coordination-store';
import { Caller, demand } from './caller.js';
import { Publication } from './publication.js';
import { SchemaRegistration, type SchemaState } from './schema-registration.js';

/** GET /v1/status: what is published and which schemas are registered. GET /v1/audit: who did what. */
@Controller('v1')
export class StatusController {
  readonly #store: CoordinationStore;
  readonly #publication: Publication;
  readonly #schemas: SchemaRegistration;

  constructor(
    @Inject(CoordinationStore) store: CoordinationStore,
    @Inject(Publication) publication: Publication,
    @Inject(SchemaRegistration) schemas: SchemaRegistration,
  ) {
    this.#store = store;
    this.#publication = publication;
    this.#schemas = schemas;
  }

  @Get('status')
  async status(@Caller() caller: Principal): Promise<{ release: number | null; entries: number; schemas: readonly SchemaState[] }> {
    demand(caller, 'status.read', caller.agency);
    const release = await this.#store.latestReleaseNumber();
    return { release, entries: this.#publication.entries.length, schemas: this.#schemas.states };
  }

  @Get('audit')
  async audit(@Caller() caller: Principal): Promise<{ audit: object[] }> {
    demand(caller, 'audit.read', null);
    return { audit: await this.#store.audits() };
  }
}
