import { setTimeout as sleep } from 'node:timers/promises';
import { releaseEntryKinds, releaseFromEntries, topicNames, type PolicyEntry } from '@truc/coordination';
import type { DictionaryRelease } from '@truc/dictionary';
import type { LogReader } from '@truc/pipeline';
import type { PolicyKind, PolicyOf, PolicyProblem } from './policy-fold.js';
import { PolicyReader } from './policy-reader.js';

export interface BackbonePolicyOptions {
  readonly reader: LogReader;
  /** Whether the topics of all agencies are read beside the common one; views and contracts stand there. */
  readonly withAgencies: boolean;
  /** Whether those are read who may come in. */
  readonly withPrincipals?: boolean;
  readonly onProblem?: (problem: PolicyProblem) => void;
  readonly onError?: (error: unknown) => void;
  readonly retryMs?: number;
  /** Changes that come within so many milliseconds are told together. */
  readonly gatherMs?: number;
  /** How long the present end of the log is looked for, in milliseconds. */
  readonly lookMs?: number;
}

/** Releases that events of one time name; each takes some megabytes. */
const dictionariesMax = 4;

/**
 * The policy of the whole backbone, as the platform's own services follow it: the common topic, and the topic of every agency that the common one names, from the
 * moment in which it is named; and who may come in, for those who judge tokens.
 */
export class BackbonePolicy {
  readonly #options: BackbonePolicyOptions;
  readonly #source: PolicyReader;
  readonly #stopped = new AbortController();
  readonly #dictionaries = new Map<number, DictionaryRelease>();
  #isRead = false;
  #revision = 0;

  constructor(options: BackbonePolicyOptions) {
    const { reader, withPrincipals, onProblem, onError, retryMs } = options;
    this.#options = options;
    this.#source = new PolicyReader({
      reader,
      topics: [topicNames.policyCommon, ...(withPrincipals === true ? [topicNames.policyPrincipals] : [])],
      ...(onProblem === undefined ? {} : { onProblem }),
      ...(onError === undefined ? {} : { onError }),
      ...(retryMs === undefined ? {} : { retryMs }),
    });
  }

  /** True once every topic was read to an end that it had. */
  get isRead(): boolean {
    return this.#isRead;
  }

  /** Raised with every change, so that what was compiled of the entries is known to be of these. */
  get revision(): number {
    return this.#revision;
  }

  entries<K extends PolicyKind>(kind: K): PolicyOf<K>[] {
    return this.#source.entries(kind);
  }

  all(): PolicyEntry[] {
    return this.#source.all();
  }

  problems(): PolicyProblem[] {
    return this.#source.problems();
  }

  /**
   * Reads, and calls `follow` with the policy as it stands: first when all of it is read, then after changes, one call at a time. Resolves at {@link close}.
   */
  async run(follow: (policy: BackbonePolicy) => Promise<void>): Promise<void> {
    const { signal } = this.#stopped;
    let wake: () => void = () => {};
    let isChanged = false;
    this.#source.onChange(() => {
      this.#revision += 1;
      this.#addAgencies();
      isChanged = true;
      wake();
    });
    signal.addEventListener('abort', () => wake(), { once: true });
    this.#source.start();
    await this.#untilAllRead();
    while (!signal.aborted) {
      isChanged = false;
      await follow(this);
      if (!isChanged && !signal.aborted) await new Promise<void>((resolve) => (wake = resolve));
      await sleep(this.#options.gatherMs ?? 200, undefined, { signal }).catch(() => {});
    }
  }

  /**
   * Whether a release of the dictionary is published; a release that is not known is looked for up to the present end of the log.
   * @throws TrucError POLICY_UNREACHABLE (retry) while that end cannot be reached
   */
  async isReleased(release: number): Promise<boolean> {
    const isKnown = (): boolean => this.entries('dictionary').some((entry) => entry.release === release);
    if (isKnown()) return true;
    await this.catchUp();
    return isKnown();
  }

  /** A published release of the dictionary; null while not all of its parts are read. A release never changes, so that a few are kept. @throws DictionaryError */
  dictionary(release: number): DictionaryRelease | null {
    const kept = this.#dictionaries.get(release);
    if (kept !== undefined) return kept;
    const entries = releaseEntryKinds.flatMap((kind): readonly PolicyEntry[] => this.entries(kind));
    const made = releaseFromEntries(entries, release);
    if (made === null) return null;
    const [oldest] = this.#dictionaries.keys();
    if (oldest !== undefined && this.#dictionaries.size >= dictionariesMax) this.#dictionaries.delete(oldest);
    this.#dictionaries.set(release, made);
    return made;
  }

  /** Reads up to the present end of the log. @throws TrucError POLICY_UNREACHABLE (retry) while that end cannot be reached */
  async catchUp(): Promise<void> {
    await this.#source.untilRead(undefined, AbortSignal.timeout(this.#options.lookMs ?? 10_000));
  }

  /** Ends reading; the log reader stays its owner's. */
  async close(): Promise<void> {
    this.#stopped.abort();
    await this.#source.close();
  }

  async #untilAllRead(): Promise<void> {
    const { signal } = this.#stopped;
    await Promise.race([
      this.#source.ready,
      new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
    ]);
    this.#addAgencies();
    while (!signal.aborted) {
      try {
        await this.#source.untilRead(undefined, signal);
        this.#isRead = true;
        this.#revision += 1;
        return;
      } catch (error) {
        this.#options.onError?.(error);
        await sleep(this.#options.retryMs ?? 1_000, undefined, { signal }).catch(() => {});
      }
    }
  }

  #addAgencies(): void {
    if (!this.#options.withAgencies) return;
    for (const { code } of this.#source.entries('agency')) this.#source.addTopic(topicNames.policy(code));
  }
}
