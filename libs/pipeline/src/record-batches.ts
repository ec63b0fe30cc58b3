import { TrucError } from '@truc/kernel';
import { TRACE_HEADER, type Telemetry } from '@truc/telemetry';
import type { LogHeader, LogRecord, LogWriter } from './log.js';

/** Hands batches of records to the writer and waits for them, each with its span. */
export class RecordBatches {
  readonly #writer: LogWriter;
  readonly #sourceId: string;
  readonly #telemetry: Telemetry;
  /** The span of the newest batch that was handed to the writer, as `traceparent`. */
  #last: string | null = null;

  constructor(writer: LogWriter, { sourceId, telemetry }: { readonly sourceId: string; readonly telemetry: Telemetry }) {
    this.#writer = writer;
    this.#sourceId = sourceId;
    this.#telemetry = telemetry;
  }

  /** One batch: rows become records, which are handed to the writer. Its span is what consumers link theirs to. */
  async publish(rows: number, convert: () => LogRecord[]): Promise<void> {
    const telemetry = this.#telemetry;
    const started = performance.now();
    const span = telemetry.startBatch('capture', { rows, source: this.#sourceId }, null);
    try {
      const [first, ...rest] = convert();
      if (first !== undefined) {
        this.#last = telemetry.traceparent(span);
        const trace: LogHeader = { key: TRACE_HEADER, value: Buffer.from(this.#last) };
        await this.#writer.write([{ ...first, headers: [...first.headers, trace] }, ...rest]);
      }
      telemetry.endBatch(span, 'capture', (performance.now() - started) / 1000, null);
    } catch (error) {
      telemetry.endBatch(span, 'capture', (performance.now() - started) / 1000, { code: codeOf(error) });
      throw error;
    }
  }

  /** Waits until everything that was written is acknowledged. */
  async acknowledged(): Promise<void> {
    const telemetry = this.#telemetry;
    const started = performance.now();
    const span = telemetry.startBatch('produce', { source: this.#sourceId }, this.#last);
    try {
      await this.#writer.flush();
      telemetry.endBatch(span, 'produce', (performance.now() - started) / 1000, null);
    } catch (error) {
      telemetry.endBatch(span, 'produce', (performance.now() - started) / 1000, { code: codeOf(error) });
      throw error;
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof TrucError ? error.code : 'FAILED';
}
