import type { AvroSchema } from '@truc/avro';
import type { Violation } from './refusal.js';

/** Who asks: enough of the principal to judge whose subject it is. */
export interface Caller {
  readonly name: string;
  /** Slug of the agency that the caller acts for; null for the platform's own. */
  readonly agencySlug: string | null;
}

export interface Candidate {
  readonly subject: string;
  readonly schema: AvroSchema;
  /** The subject's versions so far, in order; soft-deleted ones included, because the log may still hold what they wrote. */
  readonly previous: readonly AvroSchema[];
}

export interface Judgement {
  readonly violations: readonly Violation[];
  /** What is let through and should be known, as D9 on an existing subject. */
  readonly warnings: readonly Violation[];
}

/** The rules D1 to D10 by one release of the dictionary and the catalogue of its time. Pure: the same question has the same answer. */
export interface SubjectRules {
  judge(candidate: Candidate): Judgement;
  /** Whether a dataset or a view of the catalogue still uses the subject's topic, so that the log may hold data of any of its versions. */
  isInUse(subject: string): boolean;
}
