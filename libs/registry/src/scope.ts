import type { CompatibilityLevel } from '@truc/avro';
import { defaultMode, isReadOnly, readOnly, type Mode } from './mode.js';
import { defaultLevel, noConfig, protectedLevel, type SubjectConfig } from './settings.js';
import { contextOf, contextSubject, globalContext, subjectParts } from './subject.js';

/** What was set under one name. */
export interface Settings {
  readonly config: SubjectConfig | null;
  readonly mode: Mode | null;
}

export const noSettings: Settings = { config: null, mode: null };

/** Everything that was set and reaches a subject. */
export interface Scopes {
  readonly own: Settings;
  /** Of the subject's context; of all, in the default one. */
  readonly context: Settings;
  /** Of all: under no name. */
  readonly all: Settings;
  /** What holds where nothing else was set, in every context. */
  readonly everywhere: Settings;
}

export const noScopes: Scopes = { own: noSettings, context: noSettings, all: noSettings, everywhere: noSettings };

/** Names under which the scopes of a subject (null: of all) are kept. */
export function scopeNames(subject: string | null): { readonly [S in keyof Scopes]: string } {
  const context = subject === null ? '' : contextSubject(contextOf(subject));
  return { own: subject ?? '', context, all: '', everywhere: contextSubject(globalContext) };
}

export function modeInScope({ own, context, all, everywhere }: Scopes): Mode {
  if (all.mode === 'READONLY_OVERRIDE' || everywhere.mode === 'READONLY_OVERRIDE') return 'READONLY_OVERRIDE';
  return own.mode ?? context.mode ?? everywhere.mode ?? defaultMode;
}

/** Settings that hold for a subject, or (null) for all: its own, else its context's, else those of everywhere. A few of the global ones stand in for what the subject's own leave open. */
export function configInScope(
  subject: string | null,
  { own, context, all, everywhere }: Scopes,
): SubjectConfig & { readonly compatibilityLevel: CompatibilityLevel } {
  const found = own.config ?? context.config ?? everywhere.config ?? noConfig;
  const config = { ...found, compatibilityLevel: found.compatibilityLevel ?? defaultLevel };
  if (subject === null) return config;
  const isProtected = subjectParts(subject).isProtected;
  const merged = own.config === null ? config : { ...config, ...openOnes(config, all.config ?? noConfig) };
  // Rule D11: neither a level nor a group narrows what a new version is compared with.
  return isProtected ? { ...merged, compatibilityLevel: protectedLevel, compatibilityGroup: null, alias: null } : merged;
}

function openOnes(own: SubjectConfig, all: SubjectConfig): Omit<Partial<SubjectConfig>, 'compatibilityLevel'> {
  return {
    normalize: own.normalize ?? all.normalize,
    validateFields: own.validateFields ?? all.validateFields,
    validateNewSchemas: own.validateNewSchemas ?? all.validateNewSchemas,
    validateRules: own.validateRules ?? all.validateRules,
    compatibilityPolicy: own.compatibilityPolicy ?? all.compatibilityPolicy,
    compatibilityGroup: own.compatibilityGroup ?? all.compatibilityGroup,
  };
}

/** Settings as they were set under one name, with the level filled in; null where nothing was. Everywhere and for all there always are some. */
export function ownConfig(subject: string | null, { own }: Scopes): SubjectConfig | null {
  // Protected subjects have their level from the beginning; clients take 404 as a reason to set another.
  if (subject !== null && subjectParts(subject).isProtected) return { ...(own.config ?? noConfig), compatibilityLevel: protectedLevel };
  const isAlways = subject === null || subject === contextSubject(globalContext);
  if (own.config === null && !isAlways) return null;
  return { ...noConfig, ...own.config, compatibilityLevel: own.config?.compatibilityLevel ?? defaultLevel };
}

export function ownMode(subject: string | null, { own }: Scopes): Mode | null {
  return own.mode ?? (subject === null || subject === contextSubject(globalContext) ? defaultMode : null);
}

/** @throws RegistryRefusal operationNotPermitted */
export function demandWritable(subject: string | null, scopes: Scopes): void {
  if (isReadOnly(modeInScope(scopes))) throw readOnly(subject);
}
