import { Body, Controller, Delete, Get, Headers, Inject, Param, Put, Query } from '@nestjs/common';
import type { Principal } from '@truc/access';
import { configAnswer, configInScope, ownConfig, RegistryRefusal, type SubjectConfig } from '@truc/registry';
import { RegistryStore } from '@truc/registry-store';
import { CalledBy, demand } from './caller-guard.js';
import { flag, type QueryParameters } from './query-parameters.js';
import { parseConfigBody, speechOf } from './request-shape.js';
import { settingsName } from './settings-name.js';

@Controller('config')
export class ConfigController {
  constructor(@Inject(RegistryStore) private readonly store: RegistryStore) {}

  @Get()
  global(@Query() query: QueryParameters) {
    return this.#config(null, query);
  }

  @Get(':subject')
  config(@Param('subject') subject: string, @Query() query: QueryParameters) {
    return this.#config(settingsName(subject), query);
  }

  @Put()
  changeGlobal(@Body() body: unknown, @CalledBy() principal: Principal, @Headers('accept-language') speech?: string) {
    return this.#change(null, body, principal, speech);
  }

  @Put(':subject')
  change(
    @Param('subject') subject: string,
    @Body() body: unknown,
    @CalledBy() principal: Principal,
    @Headers('accept-language') speech?: string,
  ) {
    return this.#change(settingsName(subject), body, principal, speech);
  }

  @Delete()
  clearGlobal(@CalledBy() principal: Principal) {
    return this.#clear(null, principal);
  }

  @Delete(':subject')
  clear(@Param('subject') subject: string, @CalledBy() principal: Principal) {
    return this.#clear(settingsName(subject), principal);
  }

  async #config(subject: string | null, query: QueryParameters) {
    const scopes = await this.store.scopes(subject);
    const config = flag(query, 'defaultToGlobal') ? configInScope(subject, scopes) : ownConfig(subject, scopes);
    if (config !== null) return configAnswer(config);
    throw new RegistryRefusal('levelNotConfigured', `Subject '${subject}' does not have subject-level compatibility configured`);
  }

  async #change(subject: string | null, body: unknown, principal: Principal, speech: string | undefined) {
    demand(principal, 'registry.configure');
    return changeAnswer(await this.store.changeConfig(subject, parseConfigBody(body), speechOf(speech)));
  }

  async #clear(subject: string | null, principal: Principal) {
    demand(principal, 'registry.configure');
    return configAnswer(await this.store.clearConfig(subject));
  }
}

/** After a change the level is `compatibility`, as in what was sent. */
function changeAnswer(config: SubjectConfig) {
  const { compatibilityLevel, ...others } = configAnswer(config);
  return { ...(compatibilityLevel === undefined ? {} : { compatibility: compatibilityLevel }), ...others };
}
