import { subjectKind } from '@truc/dictionary';
import { RegistryRefusal } from './refusal.js';

/** Longest name of a subject or of a context: a topic has at most 249 characters. */
const nameCharsMax = 255;
export const defaultContext = '.';
/** The context whose settings hold for all where nothing nearer was set; no subject lies in it. */
export const globalContext = '.__GLOBAL';
const reservedNames = ['__GLOBAL', '__EMPTY'];

/** A subject's name taken apart. Each context has its own subjects and its own ids; `:.staging:orders` is `orders` in the context `.staging`. */
export interface SubjectName {
  /** With its dot; `*` for all of them, in questions. */
  readonly context: string;
  /** Empty where the whole context is meant. */
  readonly name: string;
}

export function subjectName(text: string): SubjectName {
  if (text.startsWith(':*:')) return { context: '*', name: text.slice(3) };
  if (!text.startsWith(':.')) return { context: defaultContext, name: text };
  const end = text.indexOf(':', 2);
  return end === -1 ? { context: text.slice(1), name: '' } : { context: text.slice(1, end), name: text.slice(end + 1) };
}

/**
 * The one way of writing a subject: without the default context.
 * @throws RegistryRefusal invalidSubject: what is left would be read as a subject of another context
 */
export function canonicalSubject(text: string): string {
  const { context, name } = subjectName(text);
  if (namesContext(name)) throw invalidSubject(text, twoContexts);
  return `${contextSubject(context)}${name}`;
}

const twoContexts = 'it names two contexts';

function namesContext(name: string): boolean {
  return name.startsWith(':.') || name.startsWith(':*:');
}

function invalidSubject(text: string, problem: string): RegistryRefusal {
  return new RegistryRefusal('invalidSubject', `The specified subject '${text.slice(0, 80)}' is not a valid subject: ${problem}`);
}

/** What stands in front of the subjects of a context, and under which its settings are kept: empty for the default one. */
export function contextSubject(context: string): string {
  return context === defaultContext ? '' : `:${context}:`;
}

export function contextOf(subject: string): string {
  return subjectName(subject).context;
}

/** A name that stands in another subject's schema or settings: in the same context unless it says another one. */
export function besideSubject(parent: string, text: string): string {
  const { context, name } = subjectName(text);
  return `${contextSubject(context === defaultContext ? contextOf(parent) : context)}${name}`;
}

/** Which part of the log a subject's schema describes, read from its name alone. */
export interface SubjectParts {
  /** The topic, by TopicNameStrategy; null for a name without `-key` or `-value`. */
  readonly topic: string | null;
  readonly part: 'key' | 'value' | null;
  /** Slug of the agency whose topic it is; null for the platform's own and for every other topic. */
  readonly agencySlug: string | null;
  /** Subjects of `data.*` and `view.*`, in whichever context: the dictionary's rules hold for them, and FULL_TRANSITIVE. */
  readonly isProtected: boolean;
}

/** Takes a subject's name apart. */
export function subjectParts(subject: string): SubjectParts {
  const [, topic = null, part = null] = /^(.+)-(key|value)$/s.exec(subject) ?? [];
  const kind = subjectKind(subject);
  const isProtected = kind.kind === 'data' || kind.kind === 'view';
  const isHere = contextOf(subject) === defaultContext;
  const agencySlug = isHere && kind.kind === 'data' && kind.agencySlug !== '' ? kind.agencySlug : null;
  return { topic, part: part === null ? null : (part as 'key' | 'value'), agencySlug, isProtected };
}

/**
 * Checks the name of a subject that is to get a schema or settings of its own.
 * Subjects of `data.*` and `view.*` lie in the default context: in another one they would be a second name for the same topic, which the rules would have to be told of.
 * @param isWhole whether a whole context may be meant
 * @returns the one way of writing it
 * @throws RegistryRefusal invalidSubject
 */
export function checkSubject(text: string, isWhole = false): string {
  const { context, name } = subjectName(text);
  const problem =
    (name === '' && !isWhole) || name.length > nameCharsMax
      ? `a subject has 1 to ${nameCharsMax} characters`
      : /\p{Cc}|\p{Cs}/u.test(text)
        ? 'a subject has no control characters'
        : context === '*' || context.length > nameCharsMax
          ? 'it names no one context'
          : reservedNames.includes(name) || (context === globalContext && !(isWhole && name === ''))
            ? 'this name is kept for settings'
            : context !== defaultContext && subjectParts(text).isProtected
              ? 'data.* and view.* lie in the default context only: leave ":.<context>:" out'
              : null;
  if (problem === null) return canonicalSubject(text);
  throw invalidSubject(text, problem);
}

/** `latest`, `-1` or a version from 1. @throws RegistryRefusal invalidVersion */
export function parseVersion(text: string): number | 'latest' {
  const wanted = text.trim().toLowerCase();
  if (wanted === 'latest' || wanted === '-1') return 'latest';
  const version = /^\+?[0-9]{1,20}$/.test(wanted) ? Number(wanted) : NaN;
  if (version >= 1 && version <= 2 ** 31 - 1) return version;
  throw new RegistryRefusal(
    'invalidVersion',
    `The specified version '${text.slice(0, 40)}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string "latest"`,
  );
}
