import { Body, Controller, Delete, Get, Headers, Inject, Param, Put, Query } from '@nestjs/common';
import type { Principal } from '@truc/access';
import { defaultLevel, defaultMode, effectiveLevel, effectiveMode, RegistryRefusal, subjectParts } from '@truc/registry';
import { RegistryStore } from '@truc/registry-store';
import { CalledBy, demand } from './caller-guard.js';
import { field, flag, speechOf } from './request-shape.js';

@Controller()
export class SettingsController {
  constructor(@Inject(RegistryStore) private readonly store: RegistryStore) {}

  @Get('config')
  async globalLevel() {
    return { compatibilityLevel: (await this.store.settings(null)).level ?? defaultLevel };
  }

  @Put('config')
  async setGlobalLevel(@Body() body: unknown, @CalledBy() principal: Principal) {
    demand(principal, 'registry.configure');
    return { compatibility: await this.store.setLevel(null, field(body, 'compatibility')) };
  }

  @Delete('config')
  async clearGlobalLevel(@CalledBy() principal: Principal) {
    demand(principal, 'registry.configure');
    return { compatibilityLevel: (await this.store.clearSetting(null, 'level')).level ?? defaultLevel };
  }

  @Get('config/:subject')
  async level(@Param('subject') subject: string, @Query('defaultToGlobal') defaultToGlobal?: string) {
    const own = await this.store.settings(subject);
    // Protected subjects have their level from the beginning; clients take 404 as a reason to set another.
    if (own.level === null && !flag(defaultToGlobal) && !subjectParts(subject).isProtected) {
      throw new RegistryRefusal('levelNotConfigured', `Subject '${subject}' does not have subject-level compatibility configured`);
    }
    return { compatibilityLevel: effectiveLevel(subject, own, await this.store.settings(null)) };
  }

  @Put('config/:subject')
  async setLevel(
    @Param('subject') subject: string,
    @Body() body: unknown,
    @CalledBy() principal: Principal,
    @Headers('accept-language') speech?: string,
  ) {
    demand(principal, 'registry.configure');
    return { compatibility: await this.store.setLevel(subject, field(body, 'compatibility'), speechOf(speech)) };
  }

  @Delete('config/:subject')
  async clearLevel(@Param('subject') subject: string, @CalledBy() principal: Principal) {
    demand(principal, 'registry.configure');
    const { level } = await this.store.clearSetting(subject, 'level');
    if (level !== null) return { compatibilityLevel: level };
    throw new RegistryRefusal('levelNotConfigured', `Subject '${subject}' does not have subject-level compatibility configured`);
  }

  @Get('mode')
  async globalMode() {
    return { mode: (await this.store.settings(null)).mode ?? defaultMode };
  }

  @Put('mode')
  async setGlobalMode(@Body() body: unknown, @CalledBy() principal: Principal) {
    demand(principal, 'registry.configure');
    return { mode: await this.store.setMode(null, field(body, 'mode')) };
  }

  @Get('mode/:subject')
  async mode(@Param('subject') subject: string, @Query('defaultToGlobal') defaultToGlobal?: string) {
    const own = await this.store.settings(subject);
    if (own.mode === null && !flag(defaultToGlobal)) {
      throw new RegistryRefusal('modeNotConfigured', `Subject '${subject}' does not have subject-level mode configured`);
    }
    return { mode: effectiveMode(own, await this.store.settings(null)) };
  }

  @Put('mode/:subject')
  async setMode(@Param('subject') subject: string, @Body() body: unknown, @CalledBy() principal: Principal) {
    demand(principal, 'registry.configure');
    return { mode: await this.store.setMode(subject, field(body, 'mode')) };
  }

  @Delete('mode/:subject')
  async clearMode(@Param('subject') subject: string, @CalledBy() principal: Principal) {
    demand(principal, 'registry.configure');
    const { mode } = await this.store.clearSetting(subject, 'mode');
    if (mode !== null) return { mode };
    throw new RegistryRefusal('modeNotConfigured', `Subject '${subject}' does not have subject-level mode configured`);
  }
}
