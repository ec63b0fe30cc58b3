import { resolve } from 'node:path';
import { systemClock, TrucError, type Language } from '@truc/kernel';
import type { SourceOptions } from '../commands/source-options.js';
import type { Surroundings } from '../commands/surroundings.js';
import { ProgressLine } from '../dictionary/progress-line.js';
import { documentFiles } from '../document-files.js';
import { UsageError } from '../exit-code.js';
import { offlineRelease } from '../schema/offline-policy.js';
import type { CheckReport } from '../source/check-report.js';
import { sourceAccess } from '../source/source-access.js';
import { sourceMappingOf, type MappingReading } from '../source/source-mapping.js';
import { assessDatabase, type AssessOptions } from './assess-database.js';
import type { Assessment } from './assessment.js';
import { proposedMapping } from './proposed-mapping.js';

/** What is to be assessed, and how much of it is read. */
export interface AssessmentRequest extends SourceOptions {
  readonly mapping?: string;
  readonly agency?: string;
  readonly schema?: string;
  readonly release?: string;
  readonly sampleRows: number;
  readonly seed: number;
  readonly full: boolean;
  readonly freeDisk?: number;
}

/** Assesses what was asked for. @returns what is wrong with the documents, where something is @throws UsageError, TrucError SURVEY_*, ASSESS_STOPPED */
export async function requestedAssessment(
  options: AssessmentRequest,
  { contextPlaces, environment = {}, errors }: Surroundings,
  speech: Language,
): Promise<Assessment | CheckReport> {
  const { workingDirectory } = contextPlaces;
  if (options.mapping === undefined && options.agency === undefined)
    throw new UsageError('say what is to be judged: -f <path> with the mapping, or --agency <code> to have one proposed');
  const release = offlineRelease(options.release ?? null, workingDirectory, speech);
  const given =
    options.mapping === undefined ? null : givenMapping(options.mapping, options, { release, language: speech }, workingDirectory);
  const access = sourceAccess(options, given?.database ?? null, workingDirectory, environment);
  const problems = given?.problems ?? [];
  if (problems.length > 0) return { source: given?.name ?? null, database: access.shown, survey: null, findings: [], problems };

  const stop = new AbortController();
  const onSignal = (): void =>
    stop.abort(new TrucError('ASSESS_STOPPED', 'stopped before everything was read; nothing was changed and nothing was written'));
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  const progress = new ProgressLine(errors, { unit: 'rows' });
  try {
    const session = { statementTimeoutMs: options.timeout * 1000, signal: stop.signal };
    const proposal =
      given === null
        ? await proposedMapping(
            { ...options, dictionary: options.release ?? null, access, release, workingDirectory, language: speech },
            session,
          )
        : null;
    const { mapping, origin, confidences } = proposal ?? given ?? unreachable();
    const about: AssessOptions = {
      ...session,
      url: access.url,
      shown: access.shown,
      mapping,
      origin,
      ...(confidences === undefined ? {} : { confidences }),
      release,
      slot: access.slot,
      publication: access.publication,
      sampleRows: options.full ? null : options.sampleRows,
      seed: options.seed,
      freeDiskBytes: options.freeDisk ?? null,
      clock: systemClock,
      onProgress: (table, read, of) => progress.tell(table, read, of),
    };
    return await assessDatabase(about);
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

function givenMapping(path: string, { source }: AssessmentRequest, reading: MappingReading, workingDirectory: string) {
  const files = documentFiles(resolve(workingDirectory, path), workingDirectory);
  const mapping = sourceMappingOf(files, source ?? null, path, { ...reading, impliesDatasets: true });
  const { database, problems, name } = mapping;
  return { mapping, database, problems, name, origin: { kind: 'given', place: path } as const, confidences: undefined };
}

function unreachable(): never {
  throw new Error('unreachable: no mapping');
}
