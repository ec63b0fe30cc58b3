import type { ChangeSourceStart, SourceMessage, SourceRowChange, SourceText } from '@truc/pipeline';
import pg from 'pg';
import type { CaptureOptions } from '../capture-options.js';
import type { CapturedTable } from '../captured-table.js';
import { PostgresChangeSource } from '../postgres-change-source.js';
import { ensurePublication } from '../publication.js';

/** Columns that look as the property tests and the fold want them: name to text. */
export type TextRecord = Record<string, SourceText>;

export function record(columns: readonly { readonly name: string }[], values: readonly SourceText[]): TextRecord {
  return Object.fromEntries(columns.map(({ name }, i) => [name, values[i]]));
}

/** One line per change, for comparison: kind, index and the values by column name. */
export function describeChange(change: SourceRowChange): Record<string, unknown> {
  const { columns } = change.relation;
  return {
    kind: change.kind,
    index: change.index,
    ...('after' in change ? { after: record(columns, change.after) } : {}),
    ...('before' in change && change.before !== null ? { before: record(columns, change.before) } : {}),
  };
}

export interface StreamUntil {
  /** True ends the stream after this message. */
  readonly until: (message: SourceMessage, all: readonly SourceMessage[]) => boolean;
  /** Runs with every message, ahead of the next. */
  readonly each?: (message: SourceMessage, source: PostgresChangeSource) => void | Promise<void>;
  readonly start?: Partial<ChangeSourceStart>;
}

export class CapturedStream {
  readonly source: PostgresChangeSource;

  constructor(readonly options: CaptureOptions) {
    this.source = new PostgresChangeSource(options);
  }

  async read({ until, each, start }: StreamUntil): Promise<SourceMessage[]> {
    const abort = new AbortController();
    const messages: SourceMessage[] = [];
    for await (const message of this.source.stream({ after: 0n, snapshots: [], ...start }, abort.signal)) {
      messages.push(message);
      await each?.(message, this.source);
      if (until(message, messages)) abort.abort();
    }
    return messages;
  }
}

/** Changes of all transactions in `messages`. */
export function changesOf(messages: readonly SourceMessage[]): SourceRowChange[] {
  return messages.flatMap((message) => (message.kind === 'rows' ? [...message.changes] : []));
}

export async function publish(url: string, name: string, tables: readonly CapturedTable[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await ensurePublication(client, { name, tables: tables.map(({ table }) => table) });
  } finally {
    await client.end();
  }
}

/** The same messages with each transaction's rows in one: where they are cut depends on how the bytes arrived. */
export function inWholeTransactions(messages: readonly SourceMessage[]): SourceMessage[] {
  const whole: SourceMessage[] = [];
  for (const message of messages) {
    const last = whole.at(-1);
    if (message.kind === 'rows' && last?.kind === 'rows')
      whole[whole.length - 1] = { kind: 'rows', changes: [...last.changes, ...message.changes] };
    else whole.push(message);
  }
  return whole;
}
