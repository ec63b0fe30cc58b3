import { Body, Controller, Headers, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { parseVersion } from '@truc/registry';
import { RegistryStore } from '@truc/registry-store';
import { RegistryPolicy } from './registry-policy.js';
import { flag, parseSchemaBody, speechOf } from './request-shape.js';

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
    @Query('verbose') verbose?: string,
    @Headers('accept-language') speech?: string,
  ) {
    return this.#answer(subject, 'all', body, verbose, speech);
  }

  @Post(':subject/versions/:version')
  @HttpCode(200)
  one(
    @Param('subject') subject: string,
    @Param('version') version: string,
    @Body() body: unknown,
    @Query('verbose') verbose?: string,
    @Headers('accept-language') speech?: string,
  ) {
    return this.#answer(subject, parseVersion(version), body, verbose, speech);
  }

  async #answer(
    subject: string,
    version: number | 'latest' | 'all',
    body: unknown,
    verbose: string | undefined,
    speech: string | undefined,
  ) {
    const schema = { ...parseSchemaBody(body), language: speechOf(speech) };
    const messages = await this.policy.judging(() => this.store.incompatibilities(subject, version, schema, this.policy.rules()));
    return { is_compatible: messages.length === 0, ...(flag(verbose) ? { messages } : {}) };
  }
}
