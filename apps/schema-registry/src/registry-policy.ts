import { isStillKnown, type KnownPrincipal, type TokenHolder } from '@truc/access';
import type { PolicyEntry } from '@truc/coordination';
import { messageOf } from '@truc/kernel';
import { RegistryRefusal, rulesOfPolicy, type SubjectRules } from '@truc/registry';
import type { Logger } from '@truc/telemetry';
import type { JWK } from 'jose';

/** The part of the backbone's policy that is needed here. */
export interface PolicySource {
  /** True once all of it was read. */
  readonly isRead: boolean;
  /** Raised with every change. */
  readonly revision: number;
  all(): PolicyEntry[];
  /** Reads up to the present end of the log. */
  catchUp(): Promise<void>;
}

const none: readonly JWK[] = [];

/** What one state of the policy means here; compiled once. */
interface Compiled {
  readonly revision: number;
  readonly rules: SubjectRules | null;
  readonly keys: readonly JWK[];
  readonly principals: ReadonlyMap<string, KnownPrincipal>;
}

/** What the policy topics mean to the registry: the rules, the keys of tokens, and whose tokens are still worth something. */
export class RegistryPolicy {
  readonly #source: PolicySource | null;
  readonly #configuredKeys: readonly JWK[];
  readonly #log: Logger;
  #compiled: Compiled | null = null;
  #catchingUp: Promise<void> | null = null;

  /** @param source null: no policy ever arrives, and whoever has a token of a configured key may come in */
  constructor(source: PolicySource | null, configuredKeys: readonly JWK[], log: Logger) {
    this.#source = source;
    this.#configuredKeys = configuredKeys;
    this.#log = log;
  }

  /** Null while the policy is not read, or holds no release that can be judged by. */
  readonly rules = (): SubjectRules | null => this.#read()?.rules ?? null;

  /** The same array while nothing has changed. Empty while it is not known whose tokens are good: a principal may have been removed before this process began. */
  tokenKeys(): readonly JWK[] {
    if (this.#source === null) return this.#configuredKeys;
    const read = this.#read();
    return read?.keys ?? none;
  }

  /** Whether the holder of a good token is still a principal. One who is not known is looked for up to the end of the log: it may have been made a moment ago. */
  async knows(holder: TokenHolder): Promise<boolean> {
    return this.knowsNow(holder) || ((await this.#catchUp()) && this.knowsNow(holder));
  }

  /** As {@link knows}, by what has been read. */
  knowsNow(holder: TokenHolder): boolean {
    return this.#source === null || isStillKnown(holder, this.namedNow(holder.name));
  }

  /** Who is kept under a name. Somebody who is not known is looked for up to the end of the log, as in {@link knows}. */
  async named(name: string): Promise<KnownPrincipal | null> {
    return this.namedNow(name) ?? ((await this.#catchUp()) ? this.namedNow(name) : null);
  }

  /** As {@link named}, by what has been read. */
  namedNow(name: string): KnownPrincipal | null {
    return this.#read()?.principals.get(name) ?? null;
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
    const policy = this.#source === null ? 'none' : this.#source.isRead ? 'read' : 'waiting';
    return { policy, rules: this.rules() !== null };
  }

  /** One at a time, whoever asks. @returns whether anything was learnt */
  async #catchUp(): Promise<boolean> {
    const before = this.#source?.revision;
    this.#catchingUp ??= (this.#source?.catchUp() ?? Promise.resolve())
      .catch((error: unknown) => this.#log.debug({ reason: messageOf(error) }, 'the policy topics could not be read to their end'))
      .finally(() => (this.#catchingUp = null));
    await this.#catchingUp;
    return this.#source?.revision !== before;
  }

  #read(): Compiled | null {
    const source = this.#source;
    if (source === null || !source.isRead) return null;
    if (this.#compiled?.revision === source.revision) return this.#compiled;
    const { revision } = source;
    const entries = source.all();
    this.#compiled = {
      revision,
      rules: this.#rulesOf(entries),
      keys: [...this.#configuredKeys, ...entries.flatMap((entry) => (entry.kind === 'token-key' ? [entry.jwk as JWK] : []))],
      principals: new Map(entries.flatMap((entry) => (entry.kind === 'principal' ? [[entry.name, entry] as const] : []))),
    };
    return this.#compiled;
  }

  #rulesOf(entries: readonly PolicyEntry[]): SubjectRules | null {
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
