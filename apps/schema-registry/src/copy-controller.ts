import { Body, Controller, Get, Inject, Put, Query } from '@nestjs/common';
import type { Principal } from '@truc/access';
import { checkSubject, configAnswer, contextSubject, plainText } from '@truc/registry';
import { lastIdMax, RegistryStore } from '@truc/registry-store';
import { z } from 'zod';
import { CalledBy, demand } from './caller-guard.js';
import { page, type QueryParameters } from './query-parameters.js';
import { parsed } from './request-shape.js';

const lastIdsBody = z
  .array(z.object({ context: plainText.max(255).regex(/^\.[^:]*$/), lastId: z.int().min(0).max(lastIdMax) }))
  .max(10_000);

/** What a whole copy of a registry needs beyond the API of Confluent: ids that were given and are gone, and settings of names that have no version. */
@Controller('truc')
export class CopyController {
  constructor(@Inject(RegistryStore) private readonly store: RegistryStore) {}

  @Get('last-ids')
  lastIds() {
    return this.store.copy.lastIds();
  }

  @Put('last-ids')
  async raiseLastIds(@Body() body: unknown, @CalledBy() principal: Principal) {
    demand(principal, 'registry.configure');
    const ids = parsed(lastIdsBody, body);
    for (const { context } of ids) checkSubject(contextSubject(context), true);
    await this.store.copy.raiseLastIds(ids);
    return this.store.copy.lastIds();
  }

  @Get('settings')
  async settings(@Query() query: QueryParameters) {
    const found = await this.store.copy.settings(page(query, 'schemas'));
    return found.map(({ name, config, mode }) => ({ name, config: config === null ? null : configAnswer(config), mode }));
  }
}
