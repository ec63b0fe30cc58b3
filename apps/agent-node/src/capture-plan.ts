import { createHash } from 'node:crypto';
import { readRelease, releaseFromEntries, topicNames, type DatasetPolicy, type PolicyEntry, type SourcePolicy } from '@truc/coordination';
import { shippedSchema, masterDataKeySchema } from '@truc/change-event';
import type { DictionaryRelease } from '@truc/dictionary';
import { openLogReader, openLogWriter, type KafkaConnection } from '@truc/kafka';
import { openParentFile } from '@truc/parent-store';
import { agencySlug, systemClock, TrucError } from '@truc/kernel';
import {
  asPassing,
  CaptureFlow,
  DatasetCapture,
  ParentIndex,
  checkDatasetGap,
  resolveDatasetGap,
  resolveGap,
  type CaptureFlowOptions,
  type DatasetGapResolution,
  type GapResolution,
  type SchemaLookup,
} from '@truc/pipeline';
import { dropSlot, postgresSourceCheck, PostgresChangeSource } from '@truc/postgres-capture';
import type { Logger, Telemetry } from '@truc/telemetry';
import { capturedTables } from './captured-tables.js';
import type { SeatConfiguration } from './configuration.js';

/** What the policy says of one captured database; compared as a whole to see whether anything changed. */
export interface CapturePlan {
  readonly source: SourcePolicy;
  readonly datasets: readonly DatasetPolicy[];
  readonly release: DictionaryRelease;
}

/** Null while the policy does not name the source, one of its datasets, or a complete dictionary release. */
export function capturePlan(entries: readonly PolicyEntry[], agency: string, database: string): CapturePlan | null {
  const source = entries.find((entry) => entry.kind === 'source' && entry.agency === agency && entry.database === database);
  const release = releaseFromEntries(entries);
  if (source?.kind !== 'source' || release === null) return null;
  const datasets = source.tables.map((table) => entries.find((entry) => entry.kind === 'dataset' && entry.name === table.dataset));
  const known = datasets.filter((dataset): dataset is DatasetPolicy => dataset?.kind === 'dataset');
  return known.length === datasets.length ? { source, datasets: known, release } : null;
}

/** Why there is no plan for a database. */
export function waitingReason(entries: readonly PolicyEntry[], agency: string, database: string): string {
  const isNamed = entries.some((entry) => entry.kind === 'source' && entry.agency === agency && entry.database === database);
  const reading = isNamed ? readRelease(entries) : null;
  if (reading?.kind !== 'incomplete') return `no policy names the source ${agency}/${database} yet`;
  const { number, missing } = reading;
  return `${missing.length} parts of release ${number} of the dictionary are missing in the policy; the platform publishes them again`;
}

/** Two plans with the same text need no restart between them. */
export function planText({ source, datasets, release }: CapturePlan): string {
  return JSON.stringify([source, datasets, release.number]);
}

export interface CaptureRunOptions {
  readonly connection: KafkaConnection;
  readonly schemas: SchemaLookup;
  readonly database: SeatConfiguration['sources'][string];
  readonly telemetry: Telemetry;
  readonly log: Logger;
  /** Rows that somebody asked to be read again; of one attempt. */
  readonly retry?: Pick<CaptureFlowOptions, 'rereads' | 'onReread'>;
  /** Where indexes of parents are kept; without it a table whose code lies in another stops by itself. */
  readonly dataDirectory?: string | undefined;
  /** Told of datasets that stand apart from the others. */
  readonly onApart?: CaptureFlowOptions['onApart'];
}

async function schemaId(schemas: SchemaLookup, subject: string, schema: string): Promise<number> {
  const id = await schemas.idOf(subject, schema);
  if (id === null)
    throw new TrucError('CAPTURE_SCHEMA_MISSING', `the registry does not hold the schema of ${subject} yet`, { retry: true });
  return id;
}

/** One attempt at capturing the plan's source: opens everything, runs until `signal` aborts, closes everything. */
export async function runCapture(plan: CapturePlan, options: CaptureRunOptions, signal: AbortSignal): Promise<void> {
  try {
    await captureOnce(plan, options, signal);
  } catch (error) {
    // A right or a token that is withdrawn for a moment must not leave the slot holding the log until a person comes.
    throw asPassing(error);
  }
}

/**
 * Resolves the gap that is open at the plan's source: a new epoch is begun, and the next attempt at capturing takes its snapshots.
 * @returns the epoch
 * @throws TrucError CAPTURE_GAP_NONE, CAPTURE_GAP_DIFFERS; those of the log and the source
 */
export function resolveCaptureGap(
  plan: CapturePlan,
  resolution: GapResolution,
  options: CaptureRunOptions,
  signal: AbortSignal,
): Promise<number> {
  return withFlowOptions(plan, options, signal, (flow) => resolveGap(flow, resolution, signal));
}

/**
 * Whether {@link resolveCapturedDataset} would do it, by what is stored now; beside a capture of the source.
 * @returns false where this very command has done it already
 * @throws as `checkDatasetGap`; those of the log
 */
export function checkCapturedDataset(
  plan: CapturePlan,
  resolution: DatasetGapResolution,
  options: CaptureRunOptions,
  signal: AbortSignal,
): Promise<boolean> {
  return withFlowOptions(plan, options, signal, (flow) => checkDatasetGap(flow, resolution, signal));
}

/**
 * Resolves the gap of one dataset, or gives up what is kept for it: its table is snapshotted anew by the next attempt at capturing. Nothing may be capturing the source.
 * @throws as `resolveDatasetGap`; those of the log
 */
export function resolveCapturedDataset(
  plan: CapturePlan,
  resolution: DatasetGapResolution,
  options: CaptureRunOptions,
  signal: AbortSignal,
): Promise<void> {
  return withFlowOptions(plan, options, signal, (flow) => resolveDatasetGap(flow, resolution, signal));
}

function captureOnce(plan: CapturePlan, options: CaptureRunOptions, signal: AbortSignal): Promise<void> {
  return withFlowOptions(plan, options, signal, (flow) => new CaptureFlow(flow).run(signal));
}

async function withFlowOptions<T>(
  plan: CapturePlan,
  options: CaptureRunOptions,
  signal: AbortSignal,
  work: (flow: CaptureFlowOptions) => Promise<T>,
): Promise<T> {
  const { connection, schemas, database, telemetry, log, retry, onApart, dataDirectory } = options;
  const { source, release } = plan;
  const tables = new Map<string, DatasetCapture>();
  const quarantineSchemaIds = new Map<string, number>();
  for (const table of source.tables) {
    const dataset = plan.datasets.find(({ name }) => name === table.dataset);
    if (dataset === undefined) continue;
    const ids = {
      key: await schemaId(schemas, `${dataset.topic}-key`, masterDataKeySchema),
      value: await schemaId(schemas, `${dataset.topic}-value`, dataset.valueSchema),
    };
    const parents = table.identification.via === undefined || dataDirectory === undefined ? null : new ParentIndex();
    tables.set(table.table, new DatasetCapture(table, dataset, release, ids, systemClock, parents));
    quarantineSchemaIds.set(dataset.name, await schemaId(schemas, `${dataset.quarantineTopic}-value`, shippedSchema('QuarantinedRow')));
  }
  // The registry was asked meanwhile, and does not know of the signal.
  signal.throwIfAborted();
  const reader = openLogReader({ connection });
  const changes = new PostgresChangeSource({
    connectionString: database.url,
    primaryConnectionString: database.primaryUrl ?? null,
    slot: database.slot,
    publication: database.publication,
    tables: capturedTables(source.tables),
    log: (level, message) => log[level]({ source: source.sourceId }, message),
  });
  const flow: CaptureFlowOptions = {
    sourceId: source.sourceId,
    connector: 'postgresql',
    slot: database.slot,
    source: changes,
    tables,
    release: release.number,
    stateTopic: topicNames.state(source.agency),
    quarantineSchemaIds,
    openWriter: (partitions) =>
      openLogWriter({ connection, transactionalId: `agent.${agencySlug(source.agency)}.slot.${database.slot}`, partitions, signal }),
    reader,
    checkSource: postgresSourceCheck(database.url, database.slot, database.primaryUrl !== undefined),
    dropSlot: () => dropSlot(database.url, database.slot),
    judgedBy: createHash('sha256').update(planText(plan)).digest('hex'),
    ...retry,
    ...(source.heldLogBytesMax === undefined ? {} : { heldLogBytesMax: source.heldLogBytesMax }),
    ...(onApart === undefined ? {} : { onApart }),
    tell: (dataset, sentence) => log.warn({ source: source.sourceId, dataset }, sentence),
    ...(dataDirectory === undefined
      ? {}
      : { openParentEntries: (table: string) => openParentFile(dataDirectory, `${source.sourceId} ${database.slot} ${table}`) }),
    clock: systemClock,
    telemetry,
  };
  try {
    return await work(flow);
  } finally {
    await reader.close();
  }
}
