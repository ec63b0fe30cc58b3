import { randomBytes } from 'node:crypto';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { brokerPrincipals, parsePrincipal, signToken, unmadePrincipals, type Principal } from '@truc/access';
import { CoordinationStore } from '@truc/coordination-store';
import { TrucError } from '@truc/kernel';
import { z } from 'zod';
import { Broker } from './broker.js';
import { Caller, demand } from './caller.js';
import { PlatformKey } from './platform-key.js';
import { Publication } from './publication.js';
import { parseBody } from './request-body.js';

const principalRequest = z.strictObject({
  name: z.string().min(1).max(100),
  role: z.string().min(1).max(40),
  agency: z.string().min(1).max(35).nullable().default(null),
});

/** The secrets of a new principal. They are told once, here, and kept nowhere. */
interface Credentials {
  readonly principal: Principal;
  /** null for those who have no business at the brokers. */
  readonly kafka: { readonly username: string; readonly password: string } | null;
  readonly token: string;
}

const daySeconds = 24 * 60 * 60;

/** POST, GET and DELETE /v1/principals: who may come in, over HTTP and at the brokers. */
@Controller('v1/principals')
export class PrincipalsController {
  readonly #store: CoordinationStore;
  readonly #broker: Broker;
  readonly #publication: Publication;
  readonly #key: PlatformKey;

  constructor(
    @Inject(CoordinationStore) store: CoordinationStore,
    @Inject(Broker) broker: Broker,
    @Inject(Publication) publication: Publication,
    @Inject(PlatformKey) key: PlatformKey,
  ) {
    this.#store = store;
    this.#broker = broker;
    this.#publication = publication;
    this.#key = key;
  }

  @Get()
  async list(@Caller() caller: Principal): Promise<{ principals: object[] }> {
    demand(caller, 'principals.manage', null);
    return { principals: await this.#store.principals() };
  }

  @Post()
  async create(@Caller() caller: Principal, @Body() body: unknown): Promise<Credentials> {
    demand(caller, 'principals.manage', null);
    const principal = parsePrincipal(parseBody(principalRequest, body));
    const isBrokerUser = checkBrokerName(principal);
    if (principal.agency !== null && (await this.#store.document('agency', principal.agency)) === null) {
      throw new TrucError('PLATFORM_REQUEST_INVALID', `no agency ${principal.agency} was applied yet`);
    }
    const isReserved = unmadePrincipals.some(({ name }) => name === principal.name);
    if (isReserved || !(await this.#store.addPrincipal({ ...principal, createdBy: caller.name }))) {
      throw new TrucError(
        'PLATFORM_NAME_TAKEN',
        `there is a principal ${principal.name} already; delete it first to give it new credentials`,
      );
    }
    try {
      const kafka = isBrokerUser ? await this.#makeBrokerUser(principal.name) : null;
      // Who is known at the registry, and to whoever keeps permissions at the brokers, which follow in a moment.
      await this.#publication.publish();
      const token = await signToken(this.#key.privateJwk, principal, { expiresInSeconds: this.#key.tokenDays * daySeconds });
      await this.#audit(caller, 'principal.create', principal.name, { role: principal.role, agency: principal.agency });
      return { principal, kafka, token };
    } catch (error) {
      // No half of it stays; what cannot be undone now does no harm without the other half.
      await this.#store.removePrincipal(principal.name);
      if (isBrokerUser) await this.#broker.admin.deleteScramUser(principal.name).catch(() => {});
      throw error;
    }
  }

  @Delete(':name')
  @HttpCode(204)
  async remove(@Caller() caller: Principal, @Param('name') name: string): Promise<void> {
    demand(caller, 'principals.manage', null);
    const principal = await this.#store.principal(name);
    if (principal === null) throw new TrucError('PLATFORM_NOT_FOUND', `there is no principal ${name}`);
    // The broker first: what is still in the list can be deleted again when this is cut short.
    await this.#broker.admin.deleteScramUser(name);
    await this.#store.removePrincipal(name);
    // Connections that are open outlive the password, and the token outlives both; without permissions, and unknown at the registry, they are of no use.
    await this.#publication.publish();
    await this.#audit(caller, 'principal.delete', name, {});
  }

  async #makeBrokerUser(username: string): Promise<{ username: string; password: string }> {
    const password = randomBytes(24).toString('base64url');
    await this.#broker.admin.upsertScramUser(username, password);
    return { username, password };
  }

  #audit(caller: Principal, action: string, subject: string, detail: object): Promise<void> {
    return this.#store.audit({ principal: caller.name, action, subject, result: 'done', detail });
  }
}

/**
 * Permissions at the brokers are granted by name, so whoever has business there is named for what it is, and nobody else may take such a name.
 * @returns whether the principal is a user of the brokers
 * @throws TrucError PLATFORM_REQUEST_INVALID
 */
function checkBrokerName({ name, role, agency }: Principal): boolean {
  const { agent, ...services } = brokerPrincipals;
  const serviceNames: Readonly<Record<string, string>> = {
    'broker-access': services.brokerAccess,
    distributor: services.distributor,
    'general-database': services.generalDatabase,
    registry: services.registry,
  };
  const expected = role === 'agent' && agency !== null ? agent(agency) : serviceNames[role];
  if (expected !== undefined && expected !== name) {
    throw new TrucError('PLATFORM_REQUEST_INVALID', `the ${role} is named ${expected}: its permissions at the brokers go by that name`);
  }
  const isReserved = name === 'platform' || name.startsWith('agent.') || Object.values(serviceNames).includes(name);
  if (expected === undefined && isReserved)
    throw new TrucError('PLATFORM_REQUEST_INVALID', `the name ${name} is kept for another role than ${role}`);
  return expected !== undefined;
}
