import { Body, Controller, Delete, Get, Headers, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import type { Principal } from '@truc/access';
import { parseVersion } from '@truc/registry';
import { RegistryStore } from '@truc/registry-store';
import { CalledBy, callerOf, demand } from './caller-guard.js';
import { RegistryPolicy } from './registry-policy.js';
import { flag, parseSchemaBody, speechOf } from './request-shape.js';
import { versionAnswer } from './version-answer.js';

@Controller('subjects')
export class SubjectsController {
  constructor(
    @Inject(RegistryStore) private readonly store: RegistryStore,
    @Inject(RegistryPolicy) private readonly policy: RegistryPolicy,
  ) {}

  @Get()
  subjects(@Query('deleted') deleted?: string, @Query('subjectPrefix') prefix?: string) {
    // Clients that know contexts ask for those of the default one with `:.:` or `:*:`.
    return this.store.catalogue.subjects({ deleted: flag(deleted), prefix: String(prefix ?? '').replace(/^:(\.|\*):/, '') });
  }

  @Get(':subject/versions')
  versions(@Param('subject') subject: string, @Query('deleted') deleted?: string) {
    return this.store.catalogue.versions(subject, flag(deleted));
  }

  @Get(':subject/versions/:version')
  async version(@Param('subject') subject: string, @Param('version') version: string, @Query('deleted') deleted?: string) {
    return versionAnswer(await this.store.catalogue.version(subject, parseVersion(version), flag(deleted)));
  }

  @Get(':subject/versions/:version/schema')
  async schema(@Param('subject') subject: string, @Param('version') version: string, @Query('deleted') deleted?: string) {
    return (await this.store.catalogue.version(subject, parseVersion(version), flag(deleted))).schema;
  }

  @Get(':subject/versions/:version/referencedby')
  referencedBy(@Param('subject') subject: string, @Param('version') version: string) {
    return this.store.catalogue.referencedBy(subject, parseVersion(version));
  }

  @Post(':subject/versions')
  @HttpCode(200)
  async register(
    @Param('subject') subject: string,
    @Body() body: unknown,
    @CalledBy() principal: Principal,
    @Headers('accept-language') speech?: string,
  ) {
    demand(principal, 'schemas.register');
    const schema = { subject, ...parseSchemaBody(body), language: speechOf(speech) };
    const { id, version, warnings } = await this.policy.judging(() => this.store.register(schema, callerOf(principal), this.policy.rules));
    return { id, version, ...(warnings.length === 0 ? {} : { warnings }) };
  }

  @Post(':subject')
  @HttpCode(200)
  async lookup(@Param('subject') subject: string, @Body() body: unknown, @Query('deleted') deleted?: string) {
    return versionAnswer(await this.store.catalogue.lookup(subject, parseSchemaBody(body), flag(deleted)));
  }

  @Delete(':subject')
  deleteSubject(
    @Param('subject') subject: string,
    @CalledBy() principal: Principal,
    @Query('permanent') permanent?: string,
    @Headers('accept-language') speech?: string,
  ) {
    demand(principal, 'schemas.delete', subject);
    return this.policy.judging(() => this.store.deleteSubject(subject, flag(permanent), this.policy.rules, speechOf(speech)));
  }

  @Delete(':subject/versions/:version')
  async deleteVersion(
    @Param('subject') subject: string,
    @Param('version') version: string,
    @CalledBy() principal: Principal,
    @Query('permanent') permanent?: string,
    @Headers('accept-language') speech?: string,
  ) {
    demand(principal, 'schemas.delete', subject);
    const wanted = parseVersion(version);
    const language = speechOf(speech);
    return String(await this.policy.judging(() => this.store.deleteVersion(subject, wanted, flag(permanent), this.policy.rules, language)));
  }
}
