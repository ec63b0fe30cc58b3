import { Controller, Get, Inject } from '@nestjs/common';
import type { Principal } from '@truc/access';
import { CoordinationStore } from '@truc/coordination-store';
import { AgentWatch, type Incident } from './agent-watch.js';
import { Caller, demand } from './caller.js';
import { Publication } from './publication.js';
import { SchemaRegistration, type SchemaState } from './schema-registration.js';

/** GET /v1/status: what is published, which schemas are registered, and which sources nobody acts for. GET /v1/audit: who did what. */
@Controller('v1')
export class StatusController {
  readonly #store: CoordinationStore;
  readonly #publication: Publication;
  readonly #schemas: SchemaRegistration;
  readonly #agents: AgentWatch;

  constructor(
    @Inject(CoordinationStore) store: CoordinationStore,
    @Inject(Publication) publication: Publication,
    @Inject(SchemaRegistration) schemas: SchemaRegistration,
    @Inject(AgentWatch) agents: AgentWatch,
  ) {
    this.#agents = agents;
    this.#store = store;
    this.#publication = publication;
    this.#schemas = schemas;
  }

  @Get('status')
  async status(@Caller() caller: Principal): Promise<{
    release: number | null;
    entries: number;
    schemas: readonly SchemaState[];
    incidents: readonly Incident[];
  }> {
    demand(caller, 'status.read', caller.agency);
    const release = await this.#store.latestReleaseNumber();
    // An agency sees its own.
    const incidents = this.#agents.incidents.filter(({ agency }) => caller.agency === null || caller.agency === agency);
    return { release, entries: this.#publication.entries.length, schemas: this.#schemas.states, incidents };
  }

  @Get('audit')
  async audit(@Caller() caller: Principal): Promise<{ audit: object[] }> {
    demand(caller, 'audit.read', null);
    return { audit: await this.#store.audits() };
  }
}
