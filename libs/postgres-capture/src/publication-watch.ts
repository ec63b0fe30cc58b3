import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, TrucError } from '@truc/kernel';
import type { SourceMessage } from '@truc/pipeline';
import { markChange } from './mark-change.js';
import { notPublished } from './published-table.js';
import { markWithParent } from './table-marks.js';

export interface WatchedPublication {
  readonly publication: string;
  /** What the marks of the captured tables have to stay, by `schema.table`; null where it is not known yet. */
  readonly marks: ReadonlyMap<string, string | null>;
  /** The table that has the codes of another's rows, by that other. */
  readonly parents?: ReadonlyMap<string, string>;
  /** Of those that are published now. @throws TrucError */
  readonly look: () => Promise<ReadonlyMap<string, string>>;
  readonly intervalMs: number;
}

export interface PublicationListener {
  /** Somebody may take what was found missing. */
  onMissing(): void;
  /** The stream may lack changes of a table: it has to begin anew. */
  onInterrupted(error: TrucError): void;
  log(message: string): void;
}

/**
 * Looks now and then whether a captured table is still published, and has been all along: the stream does not say, it only lacks the changes. What it overlooks between two looks it finds at the
 * next one, for a table that is put back has another mark; and the marks are stored, so that the next start finds what happened meanwhile.
 */
export class PublicationWatch {
  private readonly closed = new AbortController();
  private readonly missing: Extract<SourceMessage, { kind: 'unreadable' }>[] = [];
  /** Tables that were told as missing. */
  private readonly told = new Set<string>();

  constructor(
    private readonly watched: WatchedPublication,
    private readonly listener: PublicationListener,
  ) {}

  start(): void {
    void this.keepLooking();
  }

  /** What a look that is under way finds is nothing to anybody any more. */
  close(): void {
    this.closed.abort();
  }

  /** A table that is not published, once; null where there is none. */
  takeMissing(): SourceMessage | null {
    return this.missing.shift() ?? null;
  }

  get hasMissing(): boolean {
    return this.missing.length > 0;
  }

  private async keepLooking(): Promise<void> {
    const { signal } = this.closed;
    while (!signal.aborted) {
      try {
        const found = await this.watched.look();
        if (!signal.aborted) this.judge(found);
      } catch (error) {
        // The stream itself tells of a source that cannot be reached.
        this.listener.log(`the publication could not be looked at: ${messageOf(error)}`);
      }
      await sleep(this.watched.intervalMs, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  private judge(found: ReadonlyMap<string, string>): void {
    const { marks, publication, parents = new Map<string, string>() } = this.watched;
    for (const [table, known] of marks) {
      const mark = markWithParent(found, table, parents);
      if (mark === undefined) {
        if (this.told.has(table)) continue;
        this.told.add(table);
        const missing = found.has(table) ? (parents.get(table) ?? table) : table;
        this.missing.push({ kind: 'unreadable', what: 'snapshot', table, error: notPublished(publication, missing) });
        this.listener.onMissing();
        continue;
      }
      const change = known === null ? 'other' : markChange(known, mark);
      if (change === 'same') continue;
      this.listener.onInterrupted(change === 'grown' ? noted(table) : interrupted(table, publication));
      return;
    }
  }
}

/** What is known of partitions has to be stored before one of them goes again. */
function noted(table: string): TrucError {
  return new TrucError('CAPTURE_PARTITIONS_NOTED', `${table} has other partitions than before, and nothing of it is lost: they are noted`, {
    retry: true,
  });
}

function interrupted(table: string, publication: string): TrucError {
  return new TrucError(
    'CAPTURE_TABLE_INTERRUPTED',
    `${table} was not published all along by "${publication}", or is another table than before, or a partition of it was dropped, detached, emptied, or attached with rows in it: it is read anew`,
    { retry: true },
  );
}
