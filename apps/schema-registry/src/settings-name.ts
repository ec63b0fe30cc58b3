import { canonicalSubject } from '@truc/registry';

/** The name under which settings are kept; null where the default context, and so all of it, is meant. */
export function settingsName(text: string): string | null {
  const subject = canonicalSubject(text);
  return subject === '' ? null : subject;
}
