import { Body, Controller, Delete, Get, Headers, Inject, Param, Put, Query } from '@nestjs/common';
import type { Principal } from '@truc/access';
import { modeInScope, ownMode, parseMode, RegistryRefusal } from '@truc/registry';
import { RegistryStore } from '@truc/registry-store';
import { CalledBy, demand } from './caller-guard.js';
import { flag, type QueryParameters } from './query-parameters.js';
import { RegistryPolicy } from './registry-policy.js';
import { parseModeBody, speechOf } from './request-shape.js';
import { settingsName } from './settings-name.js';

@Controller('mode')
export class ModeController {
  constructor(
    @Inject(RegistryStore) private readonly store: RegistryStore,
    @Inject(RegistryPolicy) private readonly policy: RegistryPolicy,
  ) {}

  @Get()
  global(@Query() query: QueryParameters) {
    return this.#mode(null, query);
  }

  @Get(':subject')
  mode(@Param('subject') subject: string, @Query() query: QueryParameters) {
    return this.#mode(settingsName(subject), query);
  }

  @Put()
  changeGlobal(
    @Body() body: unknown,
    @CalledBy() principal: Principal,
    @Query() query: QueryParameters,
    @Headers('accept-language') speech?: string,
  ) {
    return this.#change(null, body, principal, query, speech);
  }

  @Put(':subject')
  change(
    @Param('subject') subject: string,
    @Body() body: unknown,
    @CalledBy() principal: Principal,
    @Query() query: QueryParameters,
    @Headers('accept-language') speech?: string,
  ) {
    return this.#change(settingsName(subject), body, principal, query, speech);
  }

  @Delete()
  clearGlobal(@CalledBy() principal: Principal, @Query() query: QueryParameters) {
    return this.#clear(null, principal, query);
  }

  @Delete(':subject')
  clear(@Param('subject') subject: string, @CalledBy() principal: Principal, @Query() query: QueryParameters) {
    return this.#clear(settingsName(subject), principal, query);
  }

  async #mode(subject: string | null, query: QueryParameters) {
    const scopes = await this.store.scopes(subject);
    const mode = flag(query, 'defaultToGlobal') ? modeInScope(scopes) : ownMode(subject, scopes);
    if (mode !== null) return { mode };
    throw new RegistryRefusal('modeNotConfigured', `Subject '${subject}' does not have subject-level mode configured`);
  }

  async #change(subject: string | null, body: unknown, principal: Principal, query: QueryParameters, speech: string | undefined) {
    demand(principal, 'registry.configure');
    const asked = parseModeBody(body);
    const mode = asked === null ? null : parseMode(asked);
    const options = { force: flag(query, 'force'), rules: this.policy.rules, language: speechOf(speech) };
    await this.policy.judging(() => this.store.changeMode(subject, mode, options));
    return { mode };
  }

  async #clear(subject: string | null, principal: Principal, query: QueryParameters) {
    demand(principal, 'registry.configure');
    const mode = await this.store.clearMode(subject, flag(query, 'recursive'));
    return mode === null ? {} : { mode };
  }
}
