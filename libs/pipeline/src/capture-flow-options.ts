import type { Clock } from '@truc/kernel';
import type { Telemetry } from '@truc/telemetry';
import type { SourceCheck } from './capture-start.js';
import type { ChangeSource, RowReread } from './change-source.js';
import type { DatasetApart } from './dataset-apart.js';
import type { DatasetCapture } from './dataset-capture.js';
import type { LogReader, LogWriter } from './log.js';
import type { ParentEntries } from './parent-entries.js';
import type { RereadOutcome } from './row-rereads.js';

export interface CaptureFlowOptions {
  /** Label of metrics and of `source.sourceId`. */
  readonly sourceId: string;
  /** Kind of source for the envelope, e.g. `postgresql`. */
  readonly connector: string;
  readonly slot: string;
  readonly source: ChangeSource;
  /** By `schema.table`. */
  readonly tables: ReadonlyMap<string, DatasetCapture>;
  readonly release: number;
  readonly stateTopic: string;
  /** Id of the schema of quarantine entries, by dataset. */
  readonly quarantineSchemaIds: ReadonlyMap<string, number>;
  /** Opens the source's only writer on these partitions: from then on no former owner writes any more. */
  readonly openWriter: (partitions: readonly { topic: string; partition: number }[]) => Promise<LogWriter>;
  readonly reader: LogReader;
  readonly checkSource: SourceCheck;
  /** Drops what the source keeps for us (the slot), where there is any; absent for a source that keeps nothing. */
  readonly dropSlot?: () => Promise<void>;
  /**
   * Names everything that rows are judged by: mapping, choices, release of the dictionary. Where it is not what the state names, every row that is held is read again and judged by it.
   * Absent: the release.
   */
  readonly judgedBy?: string;
  /** Rows that quarantine holds and that are to be judged anew, as the source has them now. Of one run: what it does not come to is asked for again. */
  readonly rereads?: readonly RowReread[];
  /** Told after the second round of each batch, and of rows that could not be read. */
  readonly onReread?: (outcome: RereadOutcome) => void;
  /** Bytes of its log that the source may be made to keep for tables that are stopped. */
  readonly heldLogBytesMax?: number;
  /** Told of the datasets that stand apart from their source, whenever that changes and while the source keeps log for one. */
  readonly onApart?: (datasets: readonly DatasetApart[]) => void;
  /** Told of what a person should know of one dataset and need not mend; no value of a row. */
  readonly tell?: (dataset: string, sentence: string) => void;
  /** Opens where the index of a table's parents is kept, for tables whose code lies in another (`DatasetCapture.parents`). @param table `schema.table` of the child */
  readonly openParentEntries?: (table: string) => ParentEntries;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Least time between two stored positions in milliseconds; a commit waits at most this long for its confirmation. */
  readonly storeEveryMs?: number;
  /** Time in milliseconds for which what was replaced on the log is sure to be there; topics are compacted later. */
  readonly replayMsMax?: number;
  /** Bytes of what a sweep remembers of keys at a time. */
  readonly sweepBytesMax?: number;
  /** Bytes of what is remembered of the codes of each dataset that allows one row per code. */
  readonly liveCodesBytesMax?: number;
}
