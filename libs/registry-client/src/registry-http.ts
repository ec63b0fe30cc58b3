import { request as plainRequest, type IncomingMessage } from 'node:http';
import { request as secureRequest } from 'node:https';
import { messageOf, TrucError } from '@truc/kernel';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

/** A function is asked at every request, so that a renewed token is used. */
type Token = string | (() => string);

export interface RegistryConnection {
  /** Base URL: `https://registry.example:8081`. */
  readonly url: string;
  /** Principal and token (or user and password), sent as Basic; a token alone, sent as Bearer; null against a registry that is open. */
  readonly credentials: { readonly principal: string; readonly token: Token } | { readonly bearer: Token } | null;
  /** Certificates that vouch for the registry's, as PEM, instead of those that Node knows. */
  readonly ca?: string;
  /** Of what is told to a person; the registry's own where it is not named. */
  readonly language?: string;
  /** For one attempt. */
  readonly timeoutMs?: number;
  /** Attempts of one call, the first included. */
  readonly attemptsMax?: number;
  /** Pause before the second attempt; doubled before each further one. */
  readonly retryMs?: number;
  /** Longest answer that is read: by default a schema of 64 KiB as text in JSON, with room. */
  readonly answerBytesMax?: number;
}

export type RegistryMethod = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface RegistryQuestion {
  readonly signal?: AbortSignal | undefined;
  /** The route may not be there at all: what answers 404 or 405 in whatever form is taken for a problem with that code, not for something that is no registry. */
  readonly mayLack?: boolean;
}

const errorBody = z.object({
  error_code: z.number(),
  message: z.string(),
  violations: z
    .array(
      z.object({
        rule: z.string(),
        path: z.string(),
        element: z.string().nullable(),
        expected: z.string(),
        found: z.string(),
        hint: z.string(),
      }),
    )
    .default([]),
});
export type RegistryProblem = z.infer<typeof errorBody>;
export type RegistryAnswer = { readonly ok: true; readonly body: unknown } | { readonly ok: false; readonly problem: RegistryProblem };

const contentType = 'application/vnd.schemaregistry.v1+json';

/** An answer beyond {@link RegistryConnection.answerBytesMax}; whoever asked for a page may ask for a shorter one. */
export class AnswerTooLong extends TrucError {
  constructor(url: string, bytesMax: number) {
    super('REGISTRY_UNREACHABLE', `the schema registry ${url} does not answer: the answer is longer than ${bytesMax} bytes`, {
      retry: true,
    });
  }
}

/** Asks a registry; tries again where that may help. Knows nothing of what it asks. */
export class RegistryHttp {
  readonly #connection: RegistryConnection;

  constructor(connection: RegistryConnection) {
    this.#connection = connection;
  }

  /** For a person; credentials are not in it. */
  get url(): string {
    return this.#connection.url;
  }

  /**
   * @returns the answer, or the problem that the registry names (4xx)
   * @throws TrucError REGISTRY_UNREACHABLE (retry): no answer, 429 or 5xx, after every attempt; REGISTRY_DENIED: 401 or 403; AnswerTooLong
   */
  async ask(method: RegistryMethod, path: string, body?: object, question: RegistryQuestion = {}): Promise<RegistryAnswer> {
    const { attemptsMax = 4, retryMs = 100 } = this.#connection;
    const { signal } = question;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#once(method, path, body, question);
      } catch (error) {
        if (
          !(error instanceof TrucError) ||
          error instanceof AnswerTooLong ||
          !error.retry ||
          attempt >= attemptsMax ||
          signal?.aborted === true
        )
          throw error;
      }
      // Spread, so that agents which lost the registry at the same moment do not all come back at the same moment.
      await sleep(retryMs * 2 ** (attempt - 1) * (0.5 + Math.random()), undefined, signal === undefined ? {} : { signal }).catch(
        () => undefined,
      );
    }
  }

  async #once(method: RegistryMethod, path: string, body: object | undefined, { signal, mayLack }: RegistryQuestion) {
    const { url } = this.#connection;
    let status: number;
    let text: string;
    try {
      ({ status, text } = await this.#exchange(method, path, body, signal));
    } catch (cause) {
      throw cause instanceof AnswerTooLong ? cause : unreachable(url, messageOf(cause), cause);
    }
    const json = parseJson(text);
    if (status === 204 || (status >= 200 && status < 300 && json !== undefined)) return { ok: true, body: json } as const;
    const problem = errorBody.safeParse(json);
    const told = problem.success ? problem.data.message : 'it gave no reason';
    if (status === 401 || status === 403)
      throw new TrucError('REGISTRY_DENIED', `the schema registry ${url} lets us not do this (${status}): ${told}`);
    if (mayLack === true && (status === 404 || status === 405 || status === 501))
      return { ok: false, problem: problem.success ? problem.data : { error_code: status, message: told, violations: [] } } as const;
    if (status < 400 || status === 429 || status >= 500 || !problem.success) throw unreachable(url, `HTTP ${status}: ${told}`);
    return { ok: false, problem: problem.data } as const;
  }

  /** One request and its whole answer. Redirects are not followed: credentials go where the configuration says and nowhere else. */
  async #exchange(method: RegistryMethod, path: string, body: object | undefined, signal: AbortSignal | undefined) {
    const { url, ca, language, timeoutMs = 5_000, answerBytesMax = 1024 * 1024 } = this.#connection;
    const timeout = AbortSignal.timeout(timeoutMs);
    const address = new URL(`${url.replace(/\/+$/, '')}${path}`);
    const content = body === undefined ? null : Buffer.from(JSON.stringify(body));
    const options = {
      method,
      headers: {
        accept: contentType,
        ...(content === null ? {} : { 'content-type': contentType, 'content-length': content.length }),
        ...(language === undefined ? {} : { 'accept-language': language }),
        ...this.#authorization(),
      },
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
    };
    const request =
      address.protocol === 'https:'
        ? secureRequest(address, ca === undefined ? options : { ...options, ca })
        : plainRequest(address, options);
    const answer = new Promise<IncomingMessage>((resolve, reject) => request.once('response', resolve).on('error', reject));
    request.end(content ?? undefined);
    const response = await answer;
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > answerBytesMax) throw new AnswerTooLong(url, answerBytesMax);
      chunks.push(chunk);
    }
    return { status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') };
  }

  #authorization(): Record<string, string> {
    const { credentials } = this.#connection;
    if (credentials === null) return {};
    if ('bearer' in credentials) return { authorization: `Bearer ${current(credentials.bearer)}` };
    return { authorization: `Basic ${Buffer.from(`${credentials.principal}:${current(credentials.token)}`).toString('base64')}` };
  }
}

function current(token: Token): string {
  return typeof token === 'function' ? token() : token;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreachable(url: string, reason: string, cause?: unknown): TrucError {
  return new TrucError('REGISTRY_UNREACHABLE', `the schema registry ${url} does not answer: ${reason}`, { retry: true, cause });
}
