import type { AvroSchema } from './avro-schema.js';
import { checkCompatibility, type Incompatibility } from './compatibility.js';

/** Compatibility levels of Confluent's registry. */
export const compatibilityLevels = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const;
export type CompatibilityLevel = (typeof compatibilityLevels)[number];

/** One reason against a new version. */
export interface VersionIncompatibility extends Incompatibility {
  /** `new-reads-old`: a consumer on the new version meets data of the old one (backward); `old-reads-new` is forward. */
  readonly direction: 'new-reads-old' | 'old-reads-new';
  /** Index into `previous`. */
  readonly against: number;
}

/**
 * Every reason why `next` may not follow `previous` (in the order of their versions) at a level; empty when it may.
 * The levels without TRANSITIVE look at the last version only.
 */
export function versionIncompatibilities(
  level: CompatibilityLevel,
  next: AvroSchema,
  previous: readonly AvroSchema[],
): VersionIncompatibility[] {
  if (level === 'NONE') return [];
  const first = level.endsWith('_TRANSITIVE') ? 0 : Math.max(0, previous.length - 1);
  const backward = !level.startsWith('FORWARD');
  const forward = !level.startsWith('BACKWARD');
  return previous.flatMap((old, against) => {
    if (against < first) return [];
    const found: VersionIncompatibility[] = [];
    for (const problem of backward ? checkCompatibility(next, old) : []) found.push({ ...problem, direction: 'new-reads-old', against });
    for (const problem of forward ? checkCompatibility(old, next) : []) found.push({ ...problem, direction: 'old-reads-new', against });
    return found;
  });
}

/** The same as a plain answer with its reasons. */
export function isCompatible(
  level: CompatibilityLevel,
  next: AvroSchema,
  previous: readonly AvroSchema[],
): { readonly compatible: boolean; readonly problems: readonly VersionIncompatibility[] } {
  const problems = versionIncompatibilities(level, next, previous);
  return { compatible: problems.length === 0, problems };
}
