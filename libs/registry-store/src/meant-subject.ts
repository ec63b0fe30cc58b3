import { besideSubject, subjectName, subjectParts, type Scopes } from '@truc/registry';

/** The subject that a name stands for: itself, unless its settings say another one. @param subject in the one way of writing it, as `canonicalSubject` gives it */
export function meantSubject(subject: string, { own }: Scopes): string {
  const alias = subjectParts(subject).isProtected ? null : own.config?.alias;
  return alias && subjectName(subject).name !== '' ? besideSubject(subject, alias) : subject;
}
