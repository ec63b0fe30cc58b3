import type { AvroReading, AvroSchema } from '@truc/avro';
import type { Language } from '@truc/kernel';
import type { Violation } from './refusal.js';

/** Who asks: enough of the principal to judge whose subject it is. */
export interface Caller {
  readonly name: string;
  /** Slug of the agency that the caller acts for; null for the platform's own. */
  readonly agencySlug: string | null;
}

export interface Candidate {
  readonly subject: string;
  /** As far as it could be read: limits that it breaks are told among the rest. */
  readonly reading: AvroReading;
  /** The subject's versions so far, in order; soft-deleted ones included, because the log may still hold what they wrote. */
  readonly previous: readonly AvroSchema[];
  /** Of what is told to a person. */
  readonly language: Language;
}

export interface Judgement {
  readonly violations: readonly Violation[];
  /** What is let through and should be known, as D9 on an existing subject. */
  readonly warnings: readonly Violation[];
}

/** The rules D1 to D10 and D12 by one release of the dictionary and the catalogue of its time. Pure: the same question has the same answer. */
export interface SubjectRules {
  judge(candidate: Candidate): Judgement;
  /**
   * What the subject's versions are needed by, for a person: datasets, views and contracts of the catalogue that use its topic, and rows that the log still holds of an earlier generation.
   * Empty where nothing needs them.
   */
  neededBy(subject: string, language: Language): readonly string[];
}
