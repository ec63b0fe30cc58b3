import { subjectKind } from '@truc/dictionary';
import { RegistryRefusal } from './refusal.js';

/** Longest subject name: a topic has at most 249 characters. */
const subjectCharsMax = 255;

/** Which part of the log a subject's schema describes, read from its name alone. */
export interface SubjectParts {
  /** The topic, by TopicNameStrategy; null for a name without `-key` or `-value`. */
  readonly topic: string | null;
  readonly part: 'key' | 'value' | null;
  /** Slug of the agency whose topic it is; null for the platform's own and for every other topic. */
  readonly agencySlug: string | null;
  /** Subjects of `data.*` and `view.*`: the dictionary's rules hold for them, and FULL_TRANSITIVE. */
  readonly isProtected: boolean;
}

/** Takes a subject's name apart. */
export function subjectParts(subject: string): SubjectParts {
  const [, topic = null, part = null] = /^(.+)-(key|value)$/s.exec(subject) ?? [];
  const kind = subjectKind(subject);
  const isProtected = kind.kind === 'data' || kind.kind === 'view';
  const agencySlug = kind.kind === 'data' && kind.agencySlug !== '' ? kind.agencySlug : null;
  return { topic, part: part === null ? null : (part as 'key' | 'value'), agencySlug, isProtected };
}

/**
 * Checks a subject's name. The registry has one context: names of another one (`:.staging:data…`) would be a second name for the same topic, which the rules would have to be told of.
 * @throws RegistryRefusal invalidSubject
 */
export function checkSubject(subject: string): string {
  const problem =
    subject === '' || subject.length > subjectCharsMax
      ? `a subject has 1 to ${subjectCharsMax} characters`
      : subject.startsWith(':')
        ? 'this registry has the default context only: leave ":.<context>:" out'
        : !/^[\x21-\x7e]+$/.test(subject)
          ? 'a subject is written in ASCII without spaces'
          : null;
  if (problem === null) return subject;
  throw new RegistryRefusal('invalidSubject', `The specified subject '${subject.slice(0, 80)}' is not a valid subject: ${problem}`);
}

/** `latest`, `-1` or a version from 1. @throws RegistryRefusal invalidVersion */
export function parseVersion(text: string): number | 'latest' {
  if (text === 'latest' || text === '-1') return 'latest';
  const version = /^[1-9][0-9]{0,9}$/.test(text) ? Number(text) : NaN;
  if (version <= 2 ** 31 - 1) return version;
  throw new RegistryRefusal(
    'invalidVersion',
    `The specified version '${text.slice(0, 40)}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string "latest"`,
  );
}
