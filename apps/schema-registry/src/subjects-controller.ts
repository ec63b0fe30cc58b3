import { Body, Controller, Delete, Get, Headers, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import type { Principal } from '@truc/access';
import { RegistryStore } from '@truc/registry-store';
import { CalledBy, demand } from './caller-guard.js';
import { RegistryPolicy } from './registry-policy.js';
import { all, first, flag, page, shown, type QueryParameters } from './query-parameters.js';
import { parseSchemaBody, speechOf } from './request-shape.js';
import { formatted } from './schema-format.js';
import { versionAnswer } from './version-answer.js';

@Controller('subjects')
export class SubjectsController {
  constructor(
    @Inject(RegistryStore) private readonly store: RegistryStore,
    @Inject(RegistryPolicy) private readonly policy: RegistryPolicy,
  ) {}

  @Get()
  subjects(@Query() query: QueryParameters) {
    return this.store.catalogue.subjects(first(query, 'subjectPrefix'), shown(query), page(query, 'names'));
  }

  @Post(':subject')
  @HttpCode(200)
  async lookUp(@Param('subject') name: string, @Body() body: unknown, @Query() query: QueryParameters) {
    const schema = { ...parseSchemaBody(body), normalize: flag(query, 'normalize'), shapeOnly: flag(query, 'shapeOnly') };
    const subject = await this.store.meant(name);
    const found = await this.store.lookUp(subject, schema, flag(query, 'deleted'), this.policy.rules());
    return versionAnswer(await formatted(this.store.catalogue, found, query));
  }

  @Get(':subject/metadata')
  async latestWithMetadata(@Param('subject') name: string, @Query() query: QueryParameters) {
    const [keys, values] = [all(query, 'key'), all(query, 'value')];
    const properties = Object.fromEntries(keys.slice(0, values.length).map((key, index) => [key, values[index] ?? '']));
    const found = await this.store.catalogue.latestWithMetadata(await this.store.meant(name), properties, flag(query, 'deleted'));
    return versionAnswer(await formatted(this.store.catalogue, found, query));
  }

  @Delete(':subject')
  async deleteSubject(
    @Param('subject') name: string,
    @CalledBy() principal: Principal,
    @Query() query: QueryParameters,
    @Headers('accept-language') speech?: string,
  ) {
    demand(principal, 'schemas.delete');
    const allow = (subject: string): void => demand(principal, 'schemas.delete', subject);
    const [permanent, language] = [flag(query, 'permanent'), speechOf(speech)];
    return this.policy.judging(() => this.store.deleteSubject(name, permanent, this.policy.rules, language, allow));
  }
}
