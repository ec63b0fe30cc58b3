import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CaptureFlowOptions } from './capture-flow-options.js';
import { gapError, isGap } from './capture-gap.js';
import { CaptureMessages } from './capture-messages.js';
import { openCaptureRun } from './capture-run.js';
import { CaptureStore } from './capture-store.js';
import type { LogWriter } from './log.js';
import { RecordBatches } from './record-batches.js';

/** How long the process may be kept busy before it looks at anything else, in milliseconds. */
const turnMs = 25;

/**
 * Captures one source into its datasets' topics.
 *
 * Start: (1) the writer is opened, which fences a former owner; (2) it is found out where to begin (`openCaptureRun`); (3) the stream begins behind the table that is furthest behind. Running:
 * data is written, then acknowledged, then the state is stored and acknowledged, then the slot is confirmed. A failure ends the run; the owner starts a new one, which sends again from the
 * stored position. What stops one dataset alone ends no run: it stays where it stands, the others go on, and the next run tries it again (`TablePositions`).
 *
 * A gap is written into the state and ends every later start too, until a person resolves it (`resolveGap`), which begins a new epoch; that of one dataset only keeps the dataset out.
 */
export class CaptureFlow {
  readonly #options: CaptureFlowOptions;
  /** Set once the start is through. */
  #isStreaming = false;

  constructor(options: CaptureFlowOptions) {
    this.#options = options;
  }

  get isStreaming(): boolean {
    return this.#isStreaming;
  }

  /** Runs until `signal` aborts. @throws TrucError of the source or the log; `retry` says whether a new run may succeed by itself */
  async run(signal: AbortSignal): Promise<void> {
    const options = this.#options;
    const writer = await options.openWriter(this.#partitions());
    const batches = new RecordBatches(writer, options);
    const store = new CaptureStore(options, writer, batches);
    try {
      await this.#capture(store, batches, writer, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!isGap(error)) throw error;
      await store.noteGap(error);
      throw gapError(options.sourceId, error.code, error.message, error);
    } finally {
      this.#isStreaming = false;
      for (const { parents } of options.tables.values()) parents?.close();
      await writer.close().catch(() => {});
    }
  }

  async #capture(store: CaptureStore, batches: RecordBatches, writer: LogWriter, signal: AbortSignal): Promise<void> {
    const { source, telemetry, sourceId, tables } = this.#options;
    const stop = new AbortController();
    const running = AbortSignal.any([signal, stop.signal]);
    const hands = { store, batches, writer, signal: running };
    const run = await openCaptureRun(this.#options, hands);
    const messages = new CaptureMessages(this.#options, run, hands);
    store.tellApart([...tables.values()].map(({ dataset }) => dataset.name));
    const storing = store.keepStoring(run, running).catch((error: unknown) => {
      stop.abort(error);
      throw error;
    });
    storing.catch(() => {});
    for (const progress of run.tables.all) messages.showSnapshot(progress);
    try {
      this.#isStreaming = true;
      let turnBeganAt = performance.now();
      telemetry.record('truc_capture_state', 1, { source: sourceId });
      for await (const message of source.stream(run.start, running)) {
        await messages.take(message);
        // A large transaction that is read ahead would otherwise keep health, commands and the slot's keepalive waiting until it is through.
        if (performance.now() - turnBeganAt > turnMs) {
          await nextTurn();
          turnBeganAt = performance.now();
        }
      }
    } finally {
      this.#isStreaming = false;
      stop.abort();
      await storing;
    }
    await store.store(run);
  }

  #partitions(): { topic: string; partition: number }[] {
    const data = [...this.#options.tables.values()].flatMap(({ dataset }) => [
      ...Array.from({ length: dataset.partitions }, (_, partition) => ({ topic: dataset.topic, partition })),
      { topic: dataset.quarantineTopic, partition: 0 },
    ]);
    return [...data, { topic: this.#options.stateTopic, partition: 0 }];
  }
}
