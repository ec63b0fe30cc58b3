import { compatibilityLevels, type CompatibilityLevel } from '@truc/avro';
import { schemaHint, type Language } from '@truc/dictionary';
import { RegistryRefusal, refusedByRules } from './refusal.js';
import { subjectParts } from './subject.js';

/**
 * What may be done to a subject. READWRITE: everything. READONLY: nothing is registered or deleted. IMPORT: schemas are registered with the ids and versions that they have elsewhere,
 * and with no others; it can be entered only while there is nothing yet.
 */
export const modes = ['READWRITE', 'READONLY', 'IMPORT'] as const;
export type Mode = (typeof modes)[number];

/** What was set for one subject, or for all; null where nothing was. */
export interface Settings {
  readonly level: CompatibilityLevel | null;
  readonly mode: Mode | null;
}

export const noSettings: Settings = { level: null, mode: null };
export const defaultLevel: CompatibilityLevel = 'BACKWARD';
export const defaultMode: Mode = 'READWRITE';
/** Rule D11: the level of `data.*` and `view.*`, whatever is set. */
export const protectedLevel: CompatibilityLevel = 'FULL_TRANSITIVE';

export function effectiveLevel(subject: string, own: Settings, global: Settings): CompatibilityLevel {
  if (subjectParts(subject).isProtected) return protectedLevel;
  return own.level ?? global.level ?? defaultLevel;
}

export function effectiveMode(own: Settings, global: Settings): Mode {
  return own.mode ?? global.mode ?? defaultMode;
}

/**
 * A level to be set for a subject, or (null) for all. The global level never reaches protected subjects, so it may be anything.
 * @throws RegistryRefusal invalidLevel; invalidSchema with a violation of D11
 */
export function planLevel(subject: string | null, level: unknown, language: Language = 'en'): CompatibilityLevel {
  const known = compatibilityLevels.find((candidate) => candidate === String(level).toUpperCase());
  if (known === undefined) {
    throw new RegistryRefusal('invalidLevel', `Invalid compatibility level. Valid values are ${compatibilityLevels.join(', ')}`);
  }
  if (subject !== null && subjectParts(subject).isProtected && known !== protectedLevel) {
    const hint = schemaHint('level', language);
    throw refusedByRules(subject, [{ rule: 'D11', path: '$', element: null, expected: protectedLevel, found: known, hint }], language);
  }
  return known;
}

/**
 * A mode to be set for a subject, or (null) for all.
 * @param isEmpty whether there is no version, not even a soft-deleted one: of the subject, or in the whole registry
 * @throws RegistryRefusal invalidMode, operationNotPermitted
 */
export function planMode(subject: string | null, mode: unknown, isEmpty: boolean): Mode {
  const known = modes.find((candidate) => candidate === String(mode).toUpperCase());
  if (known === undefined) throw new RegistryRefusal('invalidMode', `Invalid mode. Valid values are ${modes.join(', ')}`);
  if (known === 'IMPORT' && !isEmpty) {
    throw new RegistryRefusal(
      'operationNotPermitted',
      subject === null
        ? 'Cannot import since found existing subjects'
        : `Cannot import since found existing schemas in subject '${subject}'`,
    );
  }
  return known;
}
