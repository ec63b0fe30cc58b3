import { Body, Controller, Headers, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { parseVersion, RegistryRefusal } from '@truc/registry';
import { RegistryStore } from '@truc/registry-store';
import { flag, type QueryParameters } from './query-parameters.js';
import { RegistryPolicy } from './registry-policy.js';
import { parseSchemaBody, speechOf } from './request-shape.js';

@Controller('compatibility/subjects')
export class CompatibilityController {
  constructor(
    @Inject(RegistryStore) private readonly store: RegistryStore,
    @Inject(RegistryPolicy) private readonly policy: RegistryPolicy,
  ) {}

  @Post(':subject/versions')
  @HttpCode(200)
  all(
    @Param('subject') subject: string,
    @Body() body: unknown,
    @Query() query: QueryParameters,
    @Headers('accept-language') speech?: string,
  ) {
    return this.#answer(subject, 'all', body, query, speech);
  }

  @Post(':subject/versions/:version')
  @HttpCode(200)
  one(
    @Param('subject') subject: string,
    @Param('version') version: string,
    @Body() body: unknown,
    @Query() query: QueryParameters,
    @Headers('accept-language') speech?: string,
  ) {
    return this.#answer(subject, parseVersion(version), body, query, speech);
  }

  async #answer(name: string, version: number | 'latest' | 'all', body: unknown, query: QueryParameters, speech: string | undefined) {
    const schema = { ...parseSchemaBody(body), normalize: flag(query, 'normalize'), language: speechOf(speech) };
    const isVerbose = flag(query, 'verbose');
    const subject = await this.store.meant(name);
    const messages = await this.policy
      .judging(() => this.store.incompatibilities(subject, version, schema, this.policy.rules()))
      .catch((error: unknown) => {
        // What is no schema is told among the reasons; what breaks a rule of the dictionary is refused.
        if (!isVerbose || !(error instanceof RegistryRefusal) || error.reason !== 'invalidSchema' || error.violations.length > 0)
          throw error;
        return [error.message];
      });
    return { is_compatible: messages.length === 0, ...(isVerbose ? { messages } : {}) };
  }
}
