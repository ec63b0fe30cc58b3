import { Body, Controller, Delete, Get, Headers, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import type { Principal } from '@truc/access';
import { checkSubject, mergeRuleSets, parseVersion, RegistryRefusal, withoutRules, type RuleSet } from '@truc/registry';
import { RegistryStore } from '@truc/registry-store';
import { CalledBy, callerOf, demand } from './caller-guard.js';
import { flag, page, shown, type QueryParameters } from './query-parameters.js';
import { RegistryPolicy } from './registry-policy.js';
import { parseSchemaBody, parseTagsBody, speechOf, type AskedTags } from './request-shape.js';
import { askedTags, formatted, formattedText } from './schema-format.js';
import { registrationAnswer, versionAnswer } from './version-answer.js';

@Controller('subjects/:subject/versions')
export class VersionsController {
  constructor(
    @Inject(RegistryStore) private readonly store: RegistryStore,
    @Inject(RegistryPolicy) private readonly policy: RegistryPolicy,
  ) {}

  @Get()
  async versions(@Param('subject') name: string, @Query() query: QueryParameters) {
    const isNegative = flag(query, 'deletedAsNegative');
    const asked = shown(query);
    const subject = await this.store.meant(name);
    // Those that were deleted are among the others then; a subject without any that lives is still not there.
    if (isNegative && asked === 'live') await this.store.catalogue.versions(subject, 'live', { offset: 0, limit: 1 });
    const versions = await this.store.catalogue.versions(subject, isNegative ? 'all' : asked, page(query, 'names'));
    return versions.map(({ version, isDeleted }) => (isNegative && isDeleted ? -version : version));
  }

  @Get(':version')
  async version(@Param('subject') name: string, @Param('version') version: string, @Query() query: QueryParameters) {
    const found = await this.#found(name, version, query);
    return { ...versionAnswer(found), ...(await askedTags(this.store.catalogue, found, query)) };
  }

  @Get(':version/schema')
  async schema(@Param('subject') name: string, @Param('version') version: string, @Query() query: QueryParameters) {
    return (await this.#found(name, version, query)).schema;
  }

  @Get(':version/referencedby')
  async referencedBy(@Param('subject') name: string, @Param('version') version: string, @Query() query: QueryParameters) {
    const wanted = parseVersion(version);
    const subject = await this.store.meant(name);
    return this.store.catalogue.referencedBy(subject, wanted, flag(query, 'deleted'), page(query, 'schemas'));
  }

  @Post()
  @HttpCode(200)
  async register(
    @Param('subject') name: string,
    @Body() body: unknown,
    @CalledBy() principal: Principal,
    @Query() query: QueryParameters,
    @Headers('accept-language') speech?: string,
  ) {
    demand(principal, 'schemas.register');
    const restore = flag(query, 'restore');
    if (restore) demand(principal, 'registry.configure');
    const asked = parseSchemaBody(body);
    const schema = {
      ...asked,
      restore,
      subject: name,
      normalize: flag(query, 'normalize'),
      force: flag(query, 'force'),
      language: speechOf(speech),
    };
    const registered = await this.policy.judging(() => this.store.register(schema, callerOf(principal), this.policy.rules));
    return registrationAnswer(await formattedText(this.store.catalogue, registered, query));
  }

  /** A new version of the same schema with other tags. */
  @Post(':version/tags')
  @HttpCode(200)
  async tag(
    @Param('subject') name: string,
    @Param('version') version: string,
    @Body() body: unknown,
    @CalledBy() principal: Principal,
    @Headers('accept-language') speech?: string,
  ) {
    demand(principal, 'schemas.register');
    const asked = parseTagsBody(body);
    const wanted = parseVersion(version);
    const meant = await this.store.meant(checkSubject(name));
    const { schema: text, references, metadata } = await this.store.catalogue.version(meant, wanted, false);
    const schema = {
      subject: name,
      text,
      references,
      metadata: asked.metadata ?? metadata,
      ruleSet: changesRules(asked) ? changedRules(asked, await this.#rulesBefore(meant, asked)) : asked.ruleSet,
      id: null,
      version: asked.newVersion,
      isNoted: true,
      tags: { ...asked.tags, propagate: false },
      language: speechOf(speech),
    };
    return registrationAnswer(await this.policy.judging(() => this.store.register(schema, callerOf(principal), this.policy.rules)));
  }

  @Delete(':version')
  async deleteVersion(
    @Param('subject') name: string,
    @Param('version') version: string,
    @CalledBy() principal: Principal,
    @Query() query: QueryParameters,
    @Headers('accept-language') speech?: string,
  ) {
    demand(principal, 'schemas.delete');
    const allow = (subject: string): void => demand(principal, 'schemas.delete', subject);
    const wanted = parseVersion(version);
    const [permanent, language] = [flag(query, 'permanent'), speechOf(speech)];
    return String(await this.policy.judging(() => this.store.deleteVersion(name, wanted, permanent, this.policy.rules, language, allow)));
  }

  /** What rules are added to and removed from: those of the version before the new one. */
  async #rulesBefore(subject: string, { newVersion }: AskedTags): Promise<RuleSet | null> {
    const before = newVersion === null || newVersion === 1 ? 'latest' : newVersion - 1;
    const found = await this.store.catalogue.version(subject, before, false).catch((error: unknown) => {
      if (error instanceof RegistryRefusal && error.reason === 'versionNotFound') return null;
      throw error;
    });
    return found?.ruleSet ?? null;
  }

  async #found(name: string, version: string, query: QueryParameters) {
    const wanted = parseVersion(version);
    const found = await this.store.catalogue.version(await this.store.meant(name), wanted, flag(query, 'deleted'));
    return formatted(this.store.catalogue, found, query);
  }
}

function changesRules({ rulesToMerge, rulesToRemove }: AskedTags): boolean {
  return rulesToMerge !== null || rulesToRemove.length > 0;
}

function changedRules({ rulesToMerge, rulesToRemove }: AskedTags, before: RuleSet | null): RuleSet | null {
  const merged = mergeRuleSets(before, rulesToMerge);
  return merged === null || rulesToRemove.length === 0 ? merged : withoutRules(merged, rulesToRemove);
}
