import { topicNames, type PolicyEntry } from '@truc/coordination';
import { messageOf } from '@truc/kernel';
import { RegistryRefusal, rulesOfPolicy, type SubjectRules } from '@truc/registry';
import type { Logger } from '@truc/telemetry';
import type { JWK } from 'jose';

/** The part of libs/policy's reader that is needed here. */
export interface PolicySource {
  readonly isReady: boolean;
  readonly ready: Promise<void>;
  all(): PolicyEntry[];
  onChange(listener: () => void): () => void;
  addTopic(topic: string): void;
  untilRead(ends?: undefined, signal?: AbortSignal): Promise<void>;
}

/** How long a refused registration waits for policy that is already in the log. */
const catchUpMs = 5_000;

/** What the policy topics mean to the registry: the rules, and the keys of tokens. Views stand in the topics of the agencies that they concern, so those are read as well. */
export class RegistryPolicy {
  readonly #source: PolicySource | null;
  readonly #configuredKeys: readonly JWK[];
  readonly #log: Logger;
  #rules: { readonly compiled: SubjectRules | null } | null = null;
  #revision = 0;

  /** @param source null: no policy ever arrives */
  constructor(source: PolicySource | null, configuredKeys: readonly JWK[], log: Logger) {
    this.#source = source;
    this.#configuredKeys = configuredKeys;
    this.#log = log;
    source?.onChange(() => this.#changed());
    void source?.ready.then(() => this.#changed());
  }

  /** Null while the policy is not read, or holds no release that can be judged by. */
  readonly rules = (): SubjectRules | null => {
    if (this.#source?.isReady !== true) return null;
    this.#rules ??= { compiled: this.#compile(this.#source.all()) };
    return this.#rules.compiled;
  };

  tokenKeys(): JWK[] {
    const published = this.#source?.all().flatMap((entry) => (entry.kind === 'token-key' ? [entry.jwk as JWK] : [])) ?? [];
    return [...this.#configuredKeys, ...published];
  }

  /**
   * What was just published may not have been read yet. A refusal that more policy could turn is tried once more, after reading the topics to their present end;
   * while the log is away the refusal stands.
   */
  async judging<T>(attempt: () => Promise<T>): Promise<T> {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof RegistryRefusal) || (error.reason !== 'dictionaryNotLoaded' && error.violations.length === 0)) throw error;
      if (await this.#catchUp()) return attempt();
      throw error;
    }
  }

  /** For people, on the health page. */
  state(): { readonly policy: 'none' | 'waiting' | 'read'; readonly rules: boolean } {
    const policy = this.#source === null ? 'none' : this.#source.isReady ? 'read' : 'waiting';
    return { policy, rules: this.rules() !== null };
  }

  /** @returns whether anything was learnt */
  async #catchUp(): Promise<boolean> {
    const before = this.#revision;
    try {
      await this.#source?.untilRead(undefined, AbortSignal.timeout(catchUpMs));
    } catch (error) {
      this.#log.debug({ reason: messageOf(error) }, 'the policy topics could not be read to their end');
    }
    return this.#revision !== before;
  }

  #changed(): void {
    this.#revision += 1;
    this.#rules = null;
    for (const entry of this.#source?.all() ?? []) {
      if (entry.kind === 'agency') this.#source?.addTopic(topicNames.policy(entry.code));
    }
  }

  #compile(entries: readonly PolicyEntry[]): SubjectRules | null {
    try {
      return rulesOfPolicy(entries);
    } catch (error) {
      // Nothing is judged by an older release in its place: what the new one forbids would slip in.
      this.#log.error(
        { reason: messageOf(error) },
        'the latest release of the dictionary cannot be used; data.* and view.* are closed until the next one',
      );
      return null;
    }
  }
}
