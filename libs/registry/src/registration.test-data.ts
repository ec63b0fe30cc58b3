import { readSchema } from './schema-document.js';
import { noScopes, noSettings, type Scopes } from './scope.js';
import { noConfig, type SubjectConfig } from './settings.js';
import type { Mode } from './mode.js';
import type { RegistrationRequest, RegistrationState } from './registration.js';
import type { SubjectRules } from './subject-rules.js';
import type { SentSchema, SubjectVersion } from './subject-version.js';
import { keptBytes, populated } from './subject-version.js';

export const record = (...fields: object[]): string => JSON.stringify({ type: 'record', name: 'R', fields });
export const a = { name: 'a', type: 'string' };
export const b = { name: 'b', type: ['null', 'string'], default: null };
export const platform = { name: 'root', agencySlug: null };
export const topic = 'data.g01.population.resident.v1-value';
export const violation = { rule: 'D1', path: 'after.x', element: null, expected: 'an element', found: 'none', hint: 'name one' };
/** Rules that let everything pass, and rules that let nothing pass. */
export const permissive: SubjectRules = { judge: () => ({ violations: [], warnings: [] }), neededBy: () => [] };
export const strict: SubjectRules = {
  judge: () => ({ violations: [violation, { ...violation, path: 'after.y' }], warnings: [] }),
  neededBy: () => ['the dataset x'],
};

export const bare = (text: string): SentSchema => ({ text, references: [], metadata: null, ruleSet: null });

export function version(number: number, text: string, over: Partial<SubjectVersion> = {}): SubjectVersion {
  const document = readSchema('s', bare(text));
  const { schema, shape } = document;
  return { version: number, id: number, ...bare(text), schema, bytes: keptBytes(document, bare(text)), shape, isDeleted: false, ...over };
}

/** What was set for the subject itself. */
export function scopes(config: Partial<SubjectConfig> | null, mode: Mode | null = null): Scopes {
  return { ...noScopes, own: { config: config === null ? null : { ...noConfig, ...config }, mode } };
}

/** What was set for all. */
export function global(config: Partial<SubjectConfig> | null, mode: Mode | null = null): Scopes {
  const all = { config: config === null ? null : { ...noConfig, ...config }, mode };
  return { own: noSettings, context: all, all, everywhere: noSettings };
}

export function state(subject: string, over: Partial<RegistrationState> = {}): RegistrationState {
  return { subject, versions: [], scopes: noScopes, idsOfSchema: [], lastId: 7, requestedId: 'free', ...over };
}

/** A request that was populated as the store does it. */
export function request(
  of: RegistrationState,
  sent: string | Partial<SentSchema>,
  over: Partial<Omit<RegistrationRequest, 'sent' | 'kept' | 'document'>> = {},
): RegistrationRequest {
  const whole: SentSchema = typeof sent === 'string' ? bare(sent) : { ...bare(''), ...sent };
  const next = typeof over.version === 'number' ? over.version : (of.versions.at(-1)?.version ?? 0) + 1;
  const kept = populated(of, whole, { isAskedFor: (over.version ?? null) !== null, version: next });
  return { sent: whole, kept, document: readSchema(of.subject, kept), caller: platform, id: null, version: null, ...over };
}
