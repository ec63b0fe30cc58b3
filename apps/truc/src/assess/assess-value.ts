import { createHash } from 'node:crypto';
import type { Assessment } from './assessment.js';

/** For programs. @returns the assessment with its digest, which the printed page bears as well */
export function assessValue(assessment: Assessment): Assessment & { readonly digest: string } {
  return { ...assessment, digest: digestOf(assessment) };
}

/** SHA-256 of the assessment as JSON without spaces, in hexadecimal. */
export function digestOf(assessment: Assessment): string {
  return createHash('sha256').update(JSON.stringify(assessment)).digest('hex');
}
