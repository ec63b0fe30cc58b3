import { ByteBoundedCache, TrucError } from '@truc/kernel';
import type { SchemaLookup } from '@truc/pipeline';
import { z } from 'zod';
import { RegistryHttp, type RegistryConnection, type RegistryProblem } from './registry-http.js';

export interface RegistryClientOptions extends RegistryConnection {
  /** Bytes of schema texts that are kept. */
  readonly cacheBytesMax?: number;
}

/** A schema that the registry does not take; `violations` where the rules of the dictionary refuse it. */
export class RegistryRefusedError extends TrucError {
  /** Confluent's error code: 409 incompatible, 42201 invalid. */
  readonly errorCode: number;
  readonly violations: RegistryProblem['violations'];

  constructor(subject: string, { error_code: errorCode, message, violations }: RegistryProblem) {
    super('REGISTRY_REFUSED', `the schema registry refuses a schema for ${subject} (${errorCode}): ${message}`);
    this.errorCode = errorCode;
    this.violations = violations;
  }
}

const schemaAnswer = z.object({ schema: z.string() });
const idAnswer = z.object({ id: z.int().positive() });
const subjectsAnswer = z.array(z.string());

/** Subjects of one schema that one answer holds, and answers that are read: the schema of the keys is that of every topic. */
const subjectsPerPage = 1_000;
const subjectPagesMax = 100;

/** Confluent's codes for "there is no such subject, version, schema". */
const absent: readonly number[] = [40401, 40402, 40403];

/**
 * Reads and registers schemas at a registry that speaks Confluent's API.
 *
 * It talks HTTP by itself. The client of kafkajs, which tests use against our registry as a stranger would, does not fit the flows: it hands out a schema only compiled by avsc,
 * which loses the text that our codecs are compiled from; it keeps every schema for ever; its errors lose the registry's error code and the violations; and registering
 * sets the subject's compatibility as a side effect.
 *
 * What an id means never changes, so it is kept once known. "There is no such id" is not kept: it may come to be.
 */
export class RegistryClient implements SchemaLookup {
  readonly #http: RegistryHttp;
  readonly #texts: ByteBoundedCache<number, string>;
  readonly #ids: ByteBoundedCache<string, number>;
  /** Questions under way: many records with one new id ask once. */
  readonly #asking = new Map<number, Promise<string | null>>();

  constructor({ cacheBytesMax = 16 * 1024 * 1024, ...connection }: RegistryClientOptions) {
    this.#http = new RegistryHttp(connection);
    this.#texts = new ByteBoundedCache(cacheBytesMax / 2);
    this.#ids = new ByteBoundedCache(cacheBytesMax / 2);
  }

  /** @throws TrucError REGISTRY_UNREACHABLE (retry), REGISTRY_DENIED; RegistryRefusedError where it cannot be handed out: what it refers to is not there any more */
  schemaById(id: number): Promise<string | null> {
    const known = this.#texts.get(id);
    if (known !== undefined) return Promise.resolve(known);
    const asking = this.#asking.get(id) ?? this.#askSchema(id).finally(() => this.#asking.delete(id));
    this.#asking.set(id, asking);
    return asking;
  }

  /** @throws TrucError REGISTRY_UNREACHABLE (retry), REGISTRY_DENIED, REGISTRY_REFUSED where the text is no schema */
  async idOf(subject: string, schema: string): Promise<number | null> {
    const key = `${subject} ${schema}`;
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const answer = await this.#http.ask('POST', `/subjects/${encodeURIComponent(subject)}?shapeOnly=true`, { schema });
    if (answer.ok) return this.#keepId(key, parseAnswer(idAnswer, answer.body).id);
    if (absent.includes(answer.problem.error_code)) return null;
    throw new RegistryRefusedError(subject, answer.problem);
  }

  /** @throws TrucError REGISTRY_UNREACHABLE (retry), REGISTRY_DENIED */
  async hasVersion(subject: string, id: number): Promise<boolean> {
    // What was deleted softly still has its rows in the log.
    for (let page = 0; page < subjectPagesMax; page += 1) {
      const asked = `/schemas/ids/${id}/subjects?deleted=true&offset=${page * subjectsPerPage}&limit=${subjectsPerPage}`;
      const answer = await this.#http.ask('GET', asked);
      if (!answer.ok) {
        if (absent.includes(answer.problem.error_code)) return false;
        throw unexpected(answer.problem.message);
      }
      const subjects = parseAnswer(subjectsAnswer, answer.body);
      if (subjects.includes(subject)) return true;
      if (subjects.length !== subjectsPerPage) return false;
    }
    return false;
  }

  /**
   * Registers a schema, or finds it registered.
   * @returns its id
   * @throws RegistryRefusedError REGISTRY_REFUSED with every violation; TrucError REGISTRY_UNREACHABLE (retry), REGISTRY_DENIED
   */
  async register(subject: string, schema: string): Promise<number> {
    const answer = await this.#http.ask('POST', `/subjects/${encodeURIComponent(subject)}/versions`, { schema });
    if (!answer.ok) throw new RegistryRefusedError(subject, answer.problem);
    return this.#keepId(`${subject} ${schema}`, parseAnswer(idAnswer, answer.body).id);
  }

  async #askSchema(id: number): Promise<string | null> {
    const answer = await this.#http.ask('GET', `/schemas/ids/${id}?format=resolved`);
    if (!answer.ok) {
      if (absent.includes(answer.problem.error_code)) return null;
      if (isAboutSchema(answer.problem)) throw new RegistryRefusedError(`the id ${id}`, answer.problem);
      throw unexpected(answer.problem.message);
    }
    const { schema } = parseAnswer(schemaAnswer, answer.body);
    this.#texts.set(id, schema, Buffer.byteLength(schema));
    return schema;
  }

  #keepId(key: string, id: number): number {
    this.#ids.set(key, id, Buffer.byteLength(key));
    return id;
  }
}

/** The registry read the question and refuses this schema (422xx); the same question gets the same answer. */
function isAboutSchema({ error_code: code }: RegistryProblem): boolean {
  return Math.floor(code / 100) === 422;
}

function parseAnswer<T>(shape: z.ZodType<T>, body: unknown): T {
  const parsed = shape.safeParse(body);
  if (parsed.success) return parsed.data;
  throw unexpected(z.prettifyError(parsed.error));
}

/** Something between us and the registry answers in its place. */
function unexpected(reason: string): TrucError {
  return new TrucError('REGISTRY_UNREACHABLE', `what answers is not a schema registry: ${reason}`, { retry: true });
}
