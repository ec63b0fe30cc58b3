import { Controller, Delete, Get, HttpCode, Inject, Param, Query } from '@nestjs/common';
import type { Principal } from '@truc/access';
import { subjectName } from '@truc/registry';
import { RegistryStore } from '@truc/registry-store';
import { CalledBy, demand } from './caller-guard.js';
import { first, page, type QueryParameters } from './query-parameters.js';

@Controller('contexts')
export class ContextsController {
  constructor(@Inject(RegistryStore) private readonly store: RegistryStore) {}

  @Get()
  contexts(@Query() query: QueryParameters) {
    return this.store.catalogue.contexts(first(query, 'contextPrefix'), page(query, 'names'));
  }

  @Delete(':context')
  @HttpCode(204)
  async deleteContext(@Param('context') text: string, @CalledBy() principal: Principal) {
    demand(principal, 'registry.configure');
    await this.store.deleteContext(subjectName(text).context);
  }
}
