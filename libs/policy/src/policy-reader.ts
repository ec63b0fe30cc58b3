import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, TrucError } from '@truc/kernel';
import type { LogReader } from '@truc/pipeline';
import { PolicyFold, type PolicyChange, type PolicyKind, type PolicyOf, type PolicyProblem } from './policy-fold.js';
import type { PolicyEntry } from '@truc/coordination';

export interface PolicyReaderOptions {
  readonly reader: LogReader;
  /** Policy topics to read; each has one partition. A topic that does not exist yet is waited for. */
  readonly topics: readonly string[];
  /** Told of every entry that is kept out, and of every release that is not whole once the reader is ready. */
  readonly onProblem?: (problem: PolicyProblem) => void;
  /** Told whenever the log cannot be read; reading goes on by itself. */
  readonly onError?: (error: unknown) => void;
  /** Pause before a failed read, or a topic that is not there, is tried again, in milliseconds. */
  readonly retryMs?: number;
}

interface TopicProgress {
  next: bigint;
  /** End offset at the start; reading up to it makes the reader ready. Null until it is known. */
  readyAt: bigint | null;
}

interface Waiter {
  readonly ends: ReadonlyMap<string, bigint>;
  readonly resolve: () => void;
}

const beginning = -2n;

/**
 * Reads the policy topics from the beginning and keeps the latest valid entry of every key. Once ready it keeps working with what it has, whatever becomes of
 * the log: policy arrives ahead of the data, and nobody is asked while a row is in hand.
 */
export class PolicyReader {
  readonly #options: PolicyReaderOptions;
  readonly #fold = new PolicyFold();
  readonly #topics = new Map<string, TopicProgress>();
  readonly #listeners = new Set<(change: PolicyChange) => void>();
  readonly #waiters = new Set<Waiter>();
  readonly #stopped = new AbortController();
  /** Keys and offsets of releases that were told of as not whole. */
  #toldIncomplete = new Set<string>();
  #restart = new AbortController();
  #running: Promise<void> | null = null;
  #isReady = false;
  #becomeReady: () => void = () => {};
  /** Resolves once everything that the topics held at the start has been read. */
  readonly ready: Promise<void>;

  constructor(options: PolicyReaderOptions) {
    this.#options = options;
    this.ready = new Promise((resolve) => (this.#becomeReady = resolve));
    for (const topic of options.topics) this.#topics.set(topic, { next: beginning, readyAt: null });
  }

  start(): void {
    this.#running ??= this.#run();
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  entries<K extends PolicyKind>(kind: K): PolicyOf<K>[] {
    return this.#fold.entries(kind);
  }

  all(): PolicyEntry[] {
    return this.#fold.all();
  }

  entriesOfTopic(topic: string): PolicyEntry[] {
    return this.#fold.entriesOfTopic(topic);
  }

  problems(): PolicyProblem[] {
    return this.#fold.problems();
  }

  /** Told after every batch that changed anything, once the reader is ready. A listener that throws is reported and stays. @returns a function that ends it */
  onChange(listener: (change: PolicyChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reads a further topic as well, from its beginning. The reader's `ready` does not wait for it; {@link untilRead} does. */
  addTopic(topic: string): void {
    if (this.#topics.has(topic)) return;
    this.#topics.set(topic, { next: beginning, readyAt: null });
    this.#restart.abort();
  }

  /**
   * Resolves once the topics are read up to these ends (next offsets by topic); without them, up to the ends that the topics have now.
   * @throws TrucError POLICY_UNREACHABLE (retry) when the log does not tell its end, or `signal` aborts first
   */
  async untilRead(ends?: ReadonlyMap<string, bigint>, signal?: AbortSignal): Promise<void> {
    const wanted = ends ?? (await this.#currentEnds());
    if (this.#hasRead(wanted)) return;
    const unreachable = (cause?: unknown): TrucError =>
      new TrucError('POLICY_UNREACHABLE', 'the policy topics could not be read up to their end', { retry: true, cause });
    await new Promise<void>((resolve, reject) => {
      const stops = [this.#stopped.signal, ...(signal === undefined ? [] : [signal])];
      const end = (settle: () => void) => (): void => {
        this.#waiters.delete(waiter);
        for (const stop of stops) stop.removeEventListener('abort', giveUp);
        settle();
      };
      const giveUp = end(() => reject(unreachable()));
      const waiter: Waiter = { ends: wanted, resolve: end(resolve) };
      this.#waiters.add(waiter);
      for (const stop of stops) stop.addEventListener('abort', giveUp);
      if (stops.some((stop) => stop.aborted)) giveUp();
    });
  }

  /** Ends reading; the log reader stays its owner's. */
  async close(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  async #currentEnds(): Promise<Map<string, bigint>> {
    try {
      const ends = await Promise.all([...this.#topics.keys()].map((topic) => this.#endOf(topic)));
      return new Map([...this.#topics.keys()].map((topic, index) => [topic, ends[index] ?? 0n]));
    } catch (cause) {
      throw new TrucError('POLICY_UNREACHABLE', `the end of the policy topics is not known: ${messageOf(cause)}`, { retry: true, cause });
    }
  }

  async #endOf(topic: string): Promise<bigint> {
    const { reader } = this.#options;
    if ((await reader.partitions(topic)) === null)
      throw new TrucError('POLICY_TOPIC_MISSING', `there is no topic ${topic} yet`, { retry: true });
    return (await reader.bounds(topic, 0)).end;
  }

  async #run(): Promise<void> {
    const { retryMs = 1000, onError } = this.#options;
    while (!this.#stopped.signal.aborted) {
      this.#restart = new AbortController();
      const signal = AbortSignal.any([this.#stopped.signal, this.#restart.signal]);
      try {
        await this.#readAll(signal);
      } catch (error) {
        if (!signal.aborted) onError?.(error);
      }
      // A topic that was added in the meantime is not kept waiting.
      if (!signal.aborted) await sleep(retryMs, undefined, { signal }).catch(() => {});
    }
  }

  /** Reads all topics that exist. Ends, to be called again, when a topic is still missing, or when the stream ends. */
  async #readAll(signal: AbortSignal): Promise<void> {
    const present: { topic: string; partition: number; offset: bigint }[] = [];
    let missing: unknown = null;
    for (const [topic, progress] of this.#topics) {
      try {
        progress.readyAt ??= await this.#endOf(topic);
        if (progress.next === beginning && progress.readyAt === 0n) progress.next = 0n;
        present.push({ topic, partition: 0, offset: progress.next });
      } catch (error) {
        missing = error;
      }
    }
    this.#progressed();
    if (missing !== null) {
      this.#options.onError?.(missing);
      if (present.length === 0) return;
    }
    // While a topic is missing the others are read in short turns, so that it is looked for again.
    const turn = missing === null ? signal : AbortSignal.any([signal, AbortSignal.timeout(this.#options.retryMs ?? 1000)]);
    for await (const batch of this.#options.reader.read(present, turn)) {
      const progress = this.#topics.get(batch.topic);
      if (progress === undefined) continue;
      const { problems, ...change } = this.#fold.fold(batch.records);
      progress.next = batch.nextOffset;
      for (const problem of problems) this.#options.onProblem?.(problem);
      if (this.#isReady && change.changed.length + change.removed.length > 0) {
        this.#tellIncomplete();
        this.#tell(change);
      }
      this.#progressed();
    }
  }

  #tell(change: PolicyChange): void {
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        this.#options.onError?.(error);
      }
    }
  }

  #tellIncomplete(): void {
    const incomplete = this.#fold.incompleteReleases();
    const nameOf = ({ topic, key, offset, reason }: PolicyProblem): string => `${topic} ${key} ${offset} ${reason}`;
    for (const problem of incomplete) if (!this.#toldIncomplete.has(nameOf(problem))) this.#options.onProblem?.(problem);
    this.#toldIncomplete = new Set(incomplete.map(nameOf));
  }

  #hasRead(ends: ReadonlyMap<string, bigint>): boolean {
    return [...ends].every(([topic, end]) => (this.#topics.get(topic)?.next ?? beginning) >= end);
  }

  #progressed(): void {
    for (const waiter of this.#waiters) {
      if (this.#hasRead(waiter.ends)) waiter.resolve();
    }
    if (this.#isReady) return;
    if ([...this.#topics.values()].every(({ next, readyAt }) => readyAt !== null && next >= readyAt)) {
      this.#isReady = true;
      this.#tellIncomplete();
      this.#becomeReady();
    }
  }
}
