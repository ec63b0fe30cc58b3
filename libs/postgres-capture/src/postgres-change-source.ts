import { TrucError } from '@truc/kernel';
import type { ChangeSource, ChangeSourceStart, ChildrenWanted, SourceMessage, TableMarks } from '@truc/pipeline';
import { completeOptions, type CaptureOptions } from './capture-options.js';
import { captureStatistics, type CaptureStatistics } from './capture-statistics.js';
import { CaptureRun } from './capture-run.js';
import { openStream } from './stream-opening.js';
import { withSession } from './source-session.js';
import { parentsOf, readTableMarks } from './table-marks.js';
import { TypeNames } from './type-names.js';

/**
 * Changes of a PostgreSQL database by pgoutput from a logical slot.
 *
 * A lost connection ends the stream with CAPTURE_CONNECTION_LOST (retry): the flow above starts again from its stored position, which is the only place a
 * stream can soundly start from, so there is one way to begin and not two.
 */
export class PostgresChangeSource implements ChangeSource {
  private readonly options: ReturnType<typeof completeOptions>;
  private readonly typeNames: TypeNames;
  private run: CaptureRun | null = null;
  private isStreaming = false;

  constructor(options: CaptureOptions) {
    this.options = completeOptions(options);
    this.typeNames = new TypeNames((work) => withSession(options.connectionString, 'reading type names', work));
  }

  /**
   * Checks the slot against `start.after` first, and creates it where `after` is 0 and there is none.
   * @throws TrucError the gaps of `judgeSlot`; CAPTURE_TABLE_INTERRUPTED (retry); CAPTURE_CONNECTION_LOST, CAPTURE_SLOT_ACTIVE, CAPTURE_SERVER_FULL (retry); CAPTURE_ACCESS_REFUSED, CAPTURE_NOT_PERMITTED,
   * CAPTURE_PUBLICATION_MISSING, CAPTURE_TABLE_UNKNOWN, CAPTURE_MESSAGE_MALFORMED, CAPTURE_MESSAGE_TOO_LARGE
   */
  async *stream(start: ChangeSourceStart, signal: AbortSignal): AsyncGenerator<SourceMessage, void, void> {
    if (this.isStreaming)
      throw new TrucError('CAPTURE_ALREADY_STREAMING', `the slot "${this.options.slot}" is already being streamed by this source`);
    this.isStreaming = true;
    try {
      if (signal.aborted) return;
      const opened = await openStream(this.options, start, this.typeNames, signal).catch((error: unknown) => {
        if (signal.aborted) return null;
        throw error;
      });
      if (opened === null) return;
      this.run = opened;
      try {
        yield* opened.messages(signal);
      } finally {
        await opened.close();
      }
    } finally {
      this.isStreaming = false;
    }
  }

  /** Without a stream this is void: the next start tells the server nothing that is not acknowledged again. @throws TrucError CAPTURE_ACKNOWLEDGED_AHEAD */
  acknowledge(sequence: bigint): void {
    this.run?.position.acknowledge(sequence);
  }

  /** From the end of what the present stream, or the last one, has looked at; null before the first. The server may keep more, for a transaction that began earlier. */
  logBytesSince(sequence: bigint): number | null {
    return this.run?.bytesSince(sequence) ?? null;
  }

  /** @throws TrucError */
  tableMarks(): Promise<TableMarks> {
    const { connectionString, publication, tables } = this.options;
    const names = tables.map(({ table }) => table);
    return readTableMarks(connectionString, publication, names, parentsOf(tables));
  }

  leaveTable(table: string): void {
    this.run?.leaveTable(table);
  }

  /** Without a stream it is void: whoever begins one asks again. */
  readChildren(wanted: ChildrenWanted): void {
    this.run?.readChildren(wanted);
  }

  /** Of the present stream or the last one; null before the first. */
  sourceStatistics(): CaptureStatistics | null {
    return this.run === null ? null : captureStatistics(this.run);
  }
}
