import type { AgentCommand, AgentReply, DatasetPolicy, PolicyEntry } from '@truc/coordination';
import { openLogReader, type KafkaConnection } from '@truc/kafka';
import { systemClock } from '@truc/kernel';
import type { TablePolicy } from '@truc/mapping';
import {
  findQuarantineEntry,
  QuarantineSummary,
  scanToEnd,
  valueForm,
  type ColumnOfReason,
  type DatasetQuality,
  type LogReader,
  type ShownHeldRow,
} from '@truc/pipeline';
import type { Telemetry } from '@truc/telemetry';

export interface QuarantineCommandParts {
  readonly connection: KafkaConnection;
  readonly telemetry: Telemetry;
  readonly entries: readonly PolicyEntry[];
  readonly seat: { readonly agency: string };
}

/**
 * Tells what is held of one of the source's datasets, or of the row of one entry. The answer goes by way of the platform, so that it holds counts and forms, and no value or key of a row.
 * @param signal aborts when this node no longer acts for the source
 * @throws those of the log
 */
export async function obeyQuarantine(asked: AgentCommand, parts: QuarantineCommandParts, signal: AbortSignal): Promise<AgentReply> {
  const { id, source, quarantine, deadlineMs } = asked;
  const { connection, entries, seat } = parts;
  const refused = (message: string): AgentReply => ({ id, ok: false, message, detail: {} });
  if (source === null || quarantine === undefined) return refused('quarantine is asked for by its dataset, at one source');
  const captured = capturedTable(entries, seat.agency, source, quarantine.dataset);
  if (captured === null) return refused(`no policy names the dataset ${quarantine.dataset} at the source ${seat.agency}/${source}`);
  const within = AbortSignal.any([signal, AbortSignal.timeout(Math.max(1, deadlineMs - systemClock.now()))]);
  const reader = openLogReader({ connection });
  try {
    if (quarantine.entry === null) {
      const quality = await qualityOf(captured, source, reader, parts.telemetry, within);
      return { id, ok: true, message: 'quarantine', detail: { quality } };
    }
    const row = await shownRow(captured, BigInt(quarantine.entry), reader, within);
    if (row === null)
      return refused(
        `the quarantine of ${quarantine.dataset} has no entry ${quarantine.entry}: it was replaced and compacted since, or never was`,
      );
    return { id, ok: true, message: 'quarantine', detail: { row } };
  } catch (error) {
    if (within.aborted)
      return refused(
        signal.aborted ? 'this node no longer acts for the source' : 'the quarantine could not be read in the time that was given',
      );
    throw error;
  } finally {
    await reader.close();
  }
}

interface CapturedTable {
  readonly dataset: DatasetPolicy;
  readonly table: TablePolicy;
}

/** Null while the policy does not name the dataset at the source. */
export function capturedTable(entries: readonly PolicyEntry[], agency: string, database: string, name: string): CapturedTable | null {
  const source = entries.find((entry) => entry.kind === 'source' && entry.agency === agency && entry.database === database);
  const dataset = entries.find((entry) => entry.kind === 'dataset' && entry.agency === agency && entry.name === name);
  const table = source?.kind === 'source' ? source.tables.find((one) => one.dataset === name) : undefined;
  return dataset?.kind === 'dataset' && table !== undefined ? { dataset, table } : null;
}

/** A reason names a field of the row record, or the column itself where the mapping could not read it. */
export function columnsOfReasons({ dataset, table }: CapturedTable): ColumnOfReason {
  const byElement = new Map(table.columns.map(({ element, column }) => [element, column]));
  byElement.set(dataset.codeElement, table.identification.column);
  const names = new Set([...byElement.values()]);
  return ({ element, field }) => (names.has(field) ? field : ((element === null ? null : byElement.get(element)) ?? null));
}

async function qualityOf(
  captured: CapturedTable,
  source: string,
  reader: LogReader,
  telemetry: Telemetry,
  signal: AbortSignal,
): Promise<DatasetQuality> {
  const { name, agency, quarantineTopic } = captured.dataset;
  const summary = new QuarantineSummary({ columnOf: columnsOfReasons(captured) });
  if ((await reader.partitions(quarantineTopic)) !== null) {
    for await (const record of scanToEnd(reader, quarantineTopic, 0, -2n, signal)) summary.take(record);
  }
  return summary.quality({ agency, source, dataset: name }, await countersOf(name, telemetry), systemClock.now());
}

async function countersOf(dataset: string, telemetry: Telemetry): Promise<DatasetQuality['counters']> {
  const rows = (await telemetry.counted('truc_capture_rows')).filter(({ labels }) => labels.dataset === dataset);
  const found = (await telemetry.counted('truc_capture_findings')).filter(({ labels }) => labels.dataset === dataset);
  return {
    sinceMs: telemetry.startedAtMs,
    rows: rows.reduce((sum, { value }) => sum + value, 0),
    findings: found.flatMap(({ labels: { rule, element, outcome }, value }) =>
      outcome === 'quarantined' || outcome === 'marked' || outcome === 'stopped'
        ? [{ rule, element: element === 'none' ? null : element, outcome, findings: value }]
        : [],
    ),
  };
}

async function shownRow(captured: CapturedTable, offset: bigint, reader: LogReader, signal: AbortSignal): Promise<ShownHeldRow | null> {
  const { dataset } = captured;
  const found = await findQuarantineEntry(reader, dataset.quarantineTopic, offset, signal);
  if (found === null) return null;
  const { entry, state } = found;
  const columnOf = columnsOfReasons(captured);
  const { epoch, sequence, index } = entry.position;
  return {
    agency: dataset.agency,
    dataset: dataset.name,
    entry: String(offset),
    state: state.kind,
    newerEntry: state.kind === 'held-anew' ? String(state.entry) : null,
    table: entry.table,
    position: `${epoch}/${sequence}/${index}`,
    heldAtMs: entry.heldAtMs,
    isStale: entry.lastPublishedKey !== null,
    reasons: entry.reasons.map(({ rule, element, field, reason }) => ({
      rule,
      element,
      field,
      reason,
      column: columnOf({ element, field }),
    })),
    columns: Object.entries(entry.columns).map(([column, value]) => ({ column, form: value === null ? null : valueForm(value) })),
  };
}
