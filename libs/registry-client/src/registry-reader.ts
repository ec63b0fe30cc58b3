import { TrucError } from '@truc/kernel';
import { z } from 'zod';
import { AnswerTooLong, RegistryHttp, type RegistryAnswer, type RegistryConnection } from './registry-http.js';
import { inPages } from './registry-paging.js';

const reference = z.object({ name: z.string(), subject: z.string(), version: z.int() });
const anything = z.record(z.string(), z.unknown());

/** A version of a subject as registries of Confluent's API tell it. Some leave `subject`, `version`, GUID or type out. */
const versionAnswer = z.object({
  subject: z.string().nullish(),
  version: z.int().nullish(),
  id: z.int(),
  guid: z.string().nullish(),
  schemaType: z.string().nullish(),
  schema: z.string(),
  references: z.array(reference).nullish(),
  metadata: anything.nullish(),
  ruleSet: anything.nullish(),
  ts: z.number().nullish(),
  deleted: z.boolean().nullish(),
});
type VersionAnswer = z.infer<typeof versionAnswer>;

export interface ReadVersion {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  /** Null where the registry does not know such a thing. */
  readonly guid: string | null;
  /** `AVRO`, `JSON`, `PROTOBUF`. */
  readonly schemaType: string;
  readonly schema: string;
  readonly references: readonly z.infer<typeof reference>[];
  readonly metadata: Readonly<Record<string, unknown>> | null;
  readonly ruleSet: Readonly<Record<string, unknown>> | null;
  readonly deleted: boolean;
}

/** What was set under one name: a subject, a context (`:.staging:`), or all (the empty name). */
export interface ReadSettings {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>> | null;
  readonly mode: string | null;
}

/** A context and the highest id that was ever given in it. */
export interface LastId {
  readonly context: string;
  readonly lastId: number;
}

const names = z.array(z.string());
const numbers = z.array(z.int());
const modeAnswer = z.object({ mode: z.string() });
const lastIds = z.array(z.object({ context: z.string(), lastId: z.int() }));
const settings = z.array(z.object({ name: z.string(), config: anything.nullable(), mode: z.string().nullable() }));

/** Schemas of one answer, and how few are asked for where so many are too long. */
const schemasPerPage = 1_000;
const schemasPerPageMin = 20;

/**
 * Looks at all that a registry of Confluent's API holds, softly deleted versions included, by nothing but its public routes. What is answered in an unknown form is an error by name.
 * Methods throw TrucError REGISTRY_UNREACHABLE (retry), REGISTRY_DENIED, REGISTRY_NOT_UNDERSTOOD; lists of versions REGISTRY_CHANGED (retry) where somebody changes them so that one could be missed.
 */
export class RegistryReader {
  readonly http: RegistryHttp;
  readonly #signal: AbortSignal | undefined;

  constructor(connection: RegistryConnection, signal?: AbortSignal) {
    this.http = new RegistryHttp({ answerBytesMax: 32 * 1024 * 1024, timeoutMs: 30_000, ...connection });
    this.#signal = signal;
  }

  /** Contexts besides the default one, with their dots. */
  async contexts(): Promise<string[]> {
    const found = await this.#optional('/contexts', names);
    return (found ?? []).map((context) => context.replace(/^:(.*):$/, '$1')).filter((context) => context !== '.' && context !== '');
  }

  /** Subjects with a version, deleted or not; of every context, where the registry knows contexts. */
  async subjects(contexts: readonly string[]): Promise<string[]> {
    const found = new Set<string>();
    for (const prefix of ['', ...contexts.map((context) => `:${context}:`)]) {
      const asked = prefix === '' ? '' : `&subjectPrefix=${encodeURIComponent(prefix)}`;
      const page = (offset: number, limit: number): Promise<string[]> =>
        this.#asked(`/subjects?deleted=true${asked}&offset=${offset}&limit=${limit}`, names);
      for await (const subject of inPages(page, (name) => name)) found.add(subject);
    }
    return [...found].sort();
  }

  /** @param live of those that are not deleted; none where the subject itself is */
  async versions(subject: string, live: boolean): Promise<number[]> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions`;
    const page = async (offset: number, limit: number): Promise<number[]> =>
      (await this.#optional(`${path}?deleted=${!live}&offset=${offset}&limit=${limit}`, numbers)) ?? [];
    const found: number[] = [];
    for await (const version of inPages(page, String)) found.push(version);
    return found;
  }

  /** @returns why it is not handed out, though it is there: some registries tell of deleted versions and keep them to themselves */
  async version(subject: string, version: number, deleted: boolean): Promise<ReadVersion | string> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions/${version}?deleted=true`;
    const asked = await this.http.ask('GET', path, undefined, { signal: this.#signal });
    if (!asked.ok) return `${asked.problem.error_code}: ${asked.problem.message}`;
    const answer = this.#parsed(path, asked, versionAnswer);
    // An alias answers for its subject.
    if (typeof answer.subject === 'string' && bare(answer.subject) !== bare(subject)) {
      throw notUnderstood(
        this.http.url,
        `it answers with ${answer.subject} where version ${version} of ${subject} is asked for: ${subject} is an alias there, which hides its own versions; take the alias back first (DELETE /config/${subject})`,
      );
    }
    return readVersion({ ...answer, deleted }, subject, version);
  }

  /** A version that lives, with all that it refers to inside. @param version a number, or `latest` @returns null where there is none */
  async resolved(subject: string, version: string): Promise<ReadVersion | null> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions/${version}?format=resolved`;
    const found = await this.#optional(path, versionAnswer);
    return found === null ? null : readVersion(found, subject, Number(version));
  }

  /** The version under which a subject has a schema already. @returns null where it has not */
  async lookUp(subject: string, schema: Pick<ReadVersion, 'schema' | 'references'>): Promise<ReadVersion | null> {
    const answer = await this.http.ask('POST', `/subjects/${encodeURIComponent(subject)}`, schema, { signal: this.#signal });
    return answer.ok ? readVersion(this.#parsed('/subjects', answer, versionAnswer), subject, 0) : null;
  }

  /** The compatibility level that holds for a subject. */
  async level(subject: string): Promise<string | null> {
    const found = await this.#optional(`/config/${encodeURIComponent(subject)}?defaultToGlobal=true`, anything);
    return typeof found?.['compatibilityLevel'] === 'string' ? found['compatibilityLevel'] : null;
  }

  /**
   * All versions, deleted ones included, in the order of their subjects, in few answers.
   * @param prefix of subjects; `:*:` for those of every context
   * @returns null where the registry has no such list, or one that does not tell what is deleted, or nothing in it
   */
  async listed(prefix: string): Promise<AsyncGenerator<ReadVersion> | null> {
    const asked = `/schemas?deleted=true&subjectPrefix=${encodeURIComponent(prefix)}`;
    const first = await this.#optional(`${asked}&offset=0&limit=1`, z.array(versionAnswer)).catch(nothingIfTooLong);
    return typeof first?.[0]?.deleted === 'boolean' ? this.#list(asked) : null;
  }

  /** Null where nothing was set under the name. */
  async config(name: string): Promise<Readonly<Record<string, unknown>> | null> {
    return this.#optional(name === '' ? '/config' : `/config/${encodeURIComponent(name)}`, anything);
  }

  async mode(name: string): Promise<string | null> {
    return (await this.#optional(name === '' ? '/mode' : `/mode/${encodeURIComponent(name)}`, modeAnswer))?.mode ?? null;
  }

  /** Names that stand for other subjects: with their settings alone they have no versions to be found by. */
  async aliases(): Promise<string[]> {
    const found = new Set<string>();
    const shape = z.array(z.object({ subject: z.string(), aliases: names.nullish() }));
    const page = async (offset: number, limit: number) =>
      (await this.#optional(`/schemas?aliases=true&latestOnly=true&offset=${offset}&limit=${limit}`, shape)) ?? [];
    try {
      for await (const { aliases } of inPages(page, ({ subject }) => subject, 200)) for (const alias of aliases ?? []) found.add(alias);
    } catch (error) {
      return nothingIfTooLong(error) ?? [];
    }
    return [...found].sort();
  }

  /** By our own registry's route; null elsewhere. */
  lastIds(): Promise<LastId[] | null> {
    return this.#optional('/truc/last-ids', lastIds);
  }

  /** All that was set, under whichever name, by our own registry's route. */
  settings(): AsyncGenerator<ReadSettings> {
    return inPages(
      (offset, limit) => this.#asked(`/truc/settings?offset=${offset}&limit=${limit}`, settings),
      ({ name }) => name,
    );
  }

  /** Each page begins with the last version of the one before: where that is another one, the list has moved, and a version may lie where nobody looked. */
  async *#list(asked: string): AsyncGenerator<ReadVersion> {
    let limit = schemasPerPage;
    let last: ReadVersion | null = null;
    for (let seen = 0; ;) {
      const overlap = last === null ? 0 : 1;
      let page: VersionAnswer[];
      try {
        page = await this.#asked(`${asked}&offset=${seen - overlap}&limit=${limit}`, z.array(versionAnswer));
      } catch (error) {
        if (!(error instanceof AnswerTooLong) || limit <= schemasPerPageMin) throw error;
        limit = Math.max(schemasPerPageMin, Math.floor(limit / 4));
        continue;
      }
      const versions = page.map((answer) => readVersion(answer, answer.subject ?? '', answer.version ?? 0));
      if (last !== null && !isSameVersion(versions[0], last)) throw changed(this.http.url);
      yield* versions.slice(overlap);
      // Not already where a page is short: what was deleted while it was read is left out of it.
      if (page.length <= overlap) return;
      seen += page.length - overlap;
      last = versions.at(-1) ?? null;
    }
  }

  async #asked<T>(path: string, shape: z.ZodType<T>): Promise<T> {
    const answer = await this.http.ask('GET', path, undefined, { signal: this.#signal });
    if (!answer.ok)
      throw notUnderstood(this.http.url, `it answers GET ${path} with ${answer.problem.error_code}: ${answer.problem.message}`);
    return this.#parsed(path, answer, shape);
  }

  /** Null where there is none (404), or no such route. */
  async #optional<T>(path: string, shape: z.ZodType<T>): Promise<T | null> {
    const answer = await this.http.ask('GET', path, undefined, { signal: this.#signal, mayLack: true });
    // Some say 204 where nothing was set.
    if (answer.ok) return answer.body === undefined ? null : this.#parsed(path, answer, shape);
    if (/^40[45]/.test(String(answer.problem.error_code))) return null;
    throw notUnderstood(this.http.url, `it answers GET ${path} with ${answer.problem.error_code}: ${answer.problem.message}`);
  }

  #parsed<T>(path: string, answer: Extract<RegistryAnswer, { ok: true }>, shape: z.ZodType<T>): T {
    const parsed = shape.safeParse(answer.body);
    if (parsed.success) return parsed.data;
    throw notUnderstood(this.http.url, `its answer to GET ${path} is in another form: ${z.prettifyError(parsed.error).slice(0, 400)}`);
  }
}

function readVersion(answer: VersionAnswer, subject: string, version: number): ReadVersion {
  const { id, guid, schemaType, schema, references, metadata, ruleSet, deleted } = answer;
  return {
    subject: bare(answer.subject ?? subject),
    version: answer.version ?? version,
    id,
    guid: guid ?? null,
    schemaType: schemaType ?? 'AVRO',
    schema,
    references: references ?? [],
    metadata: metadata ?? null,
    ruleSet: ruleSet ?? null,
    deleted: deleted ?? false,
  };
}

/** Of a registry that knows no pages and so tells all it has, whatever was asked for: it knows nothing of what was asked for either. */
function nothingIfTooLong(error: unknown): null {
  if (error instanceof AnswerTooLong) return null;
  throw error;
}

/** A subject without the default context in front. */
function bare(subject: string): string {
  return subject.startsWith(':.:') ? subject.slice(3) : subject;
}

function isSameVersion(one: ReadVersion | undefined, other: ReadVersion): boolean {
  return one?.subject === other.subject && one.version === other.version;
}

function changed(url: string): TrucError {
  return new TrucError(
    'REGISTRY_CHANGED',
    `the schema registry ${url} was changed while its versions were read, so that one may have been missed; make it read-only while it is read (PUT /mode), or start again`,
    { retry: true },
  );
}

function notUnderstood(url: string, problem: string): TrucError {
  return new TrucError('REGISTRY_NOT_UNDERSTOOD', `the schema registry ${url} is not understood: ${problem}`);
}
