import { hasOwnDigest, partKeysOf, policyEntry, policyKey, type DictionaryManifest, type PolicyEntry } from '@truc/coordination';
import { messageOf, parseJsonBytes } from '@truc/kernel';
import type { StoredRecord } from '@truc/pipeline';
import { z } from 'zod';

export type PolicyKind = PolicyEntry['kind'];
export type PolicyOf<K extends PolicyKind> = Extract<PolicyEntry, { kind: K }>;

/** An entry that was kept out, or a release of the dictionary of which a part is missing, for the log and the status page. Holds no value of it. */
export interface PolicyProblem {
  readonly topic: string;
  readonly offset: bigint;
  readonly key: string;
  readonly reason: string;
}

/** What one batch changed, but for signs of life, which change nothing. `removed` are keys. */
export interface PolicyChange {
  readonly changed: readonly PolicyEntry[];
  readonly removed: readonly string[];
}

const missingShownMax = 3;
/** Of one entry. What the schemas of a dataset nest is text in it; a part of a code list has a thousand rows. */
const limits = { depthMax: 64, commasMax: 200_000 };

/**
 * The latest entry of every key of the policy topics. An entry that cannot be read is kept out, and so is the version before it: what its author changed is not
 * known, and a view that was narrowed must not go on in its old width.
 */
export class PolicyFold {
  readonly #entries = new Map<string, Map<string, PolicyEntry>>();
  readonly #problems = new Map<string, PolicyProblem>();
  /** Where the manifests of releases stand, by topic and key. */
  readonly #manifests = new Map<string, { readonly topic: string; readonly offset: bigint; readonly manifest: DictionaryManifest }>();

  fold(records: readonly StoredRecord[]): PolicyChange & { readonly problems: readonly PolicyProblem[] } {
    const changed = new Map<string, PolicyEntry>();
    const removed = new Set<string>();
    const problems: PolicyProblem[] = [];
    for (const record of records) {
      const key = record.key.toString('utf8');
      const ofTopic = this.#entries.get(record.topic) ?? new Map<string, PolicyEntry>();
      this.#entries.set(record.topic, ofTopic);
      this.#problems.delete(`${record.topic} ${key}`);
      this.#manifests.delete(`${record.topic} ${key}`);
      const read = record.value === null ? null : readEntry(key, record.value);
      if (read !== null && 'entry' in read) {
        ofTopic.set(key, read.entry);
        if (read.entry.kind !== 'heartbeat') changed.set(key, read.entry);
        if (read.entry.kind === 'dictionary')
          this.#manifests.set(`${record.topic} ${key}`, { topic: record.topic, offset: record.offset, manifest: read.entry });
        removed.delete(key);
        continue;
      }
      if (read !== null) {
        const problem = { topic: record.topic, offset: record.offset, key, reason: read.reason };
        this.#problems.set(`${record.topic} ${key}`, problem);
        problems.push(problem);
      }
      if (ofTopic.delete(key)) removed.add(key);
      changed.delete(key);
    }
    return { changed: [...changed.values()], removed: [...removed], problems };
  }

  entries<K extends PolicyKind>(kind: K): PolicyOf<K>[] {
    return this.all().filter((entry): entry is PolicyOf<K> => entry.kind === kind);
  }

  all(): PolicyEntry[] {
    return [...this.#entries.values()].flatMap((ofTopic) => [...ofTopic.values()]);
  }

  entriesOfTopic(topic: string): PolicyEntry[] {
    return [...(this.#entries.get(topic)?.values() ?? [])];
  }

  /** Entries that are kept out now, and releases that are not whole. */
  problems(): PolicyProblem[] {
    return [...this.#problems.values(), ...this.incompleteReleases()];
  }

  /** Releases whose manifest refers to what is not there: nobody uses them. Their parts are published before them, so that this is never a matter of time alone. */
  incompleteReleases(): PolicyProblem[] {
    return [...this.#manifests.values()].flatMap(({ topic, offset, manifest }): PolicyProblem[] => {
      const there = this.#entries.get(topic);
      const missing = partKeysOf(manifest).filter((key) => there?.has(key) !== true);
      if (missing.length === 0) return [];
      const shown = missing.slice(0, missingShownMax).join(', ');
      const more = missing.length > missingShownMax ? ` and ${missing.length - missingShownMax} more` : '';
      const reason = `release ${manifest.release} of the dictionary is not used while parts of it are missing: ${shown}${more}`;
      return [{ topic, offset, key: policyKey(manifest), reason }];
    });
  }
}

function readEntry(key: string, value: Buffer): { entry: PolicyEntry } | { reason: string } {
  let json: unknown;
  try {
    json = parseJsonBytes(value, limits);
  } catch (error) {
    return { reason: `the value is ${messageOf(error)}` };
  }
  const parsed = policyEntry.safeParse(json);
  if (!parsed.success) return { reason: z.prettifyError(parsed.error) };
  const expected = policyKey(parsed.data);
  if (expected !== key) return { reason: `the entry belongs under the key ${expected}` };
  return hasOwnDigest(parsed.data) ? { entry: parsed.data } : { reason: 'what the entry holds has another digest than its key says' };
}
