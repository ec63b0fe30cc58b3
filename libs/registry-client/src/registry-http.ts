import { messageOf, TrucError } from '@truc/kernel';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

export interface RegistryConnection {
  /** Base URL: `https://registry.example:8081`. */
  readonly url: string;
  /** Principal and token, sent as Basic; null against a registry that is open. A function is asked at every request, so that a renewed token is used. */
  readonly credentials: { readonly principal: string; readonly token: string | (() => string) } | null;
  /** For one attempt. */
  readonly timeoutMs?: number;
  /** Attempts of one call, the first included. */
  readonly attemptsMax?: number;
  /** Pause before the second attempt; doubled before each further one. */
  readonly retryMs?: number;
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

/** Longest answer that is read: a schema of 64 KiB as text in JSON, with room. */
const answerBytesMax = 1024 * 1024;
const contentType = 'application/vnd.schemaregistry.v1+json';

/** Asks a registry; tries again where that may help. Knows nothing of what it asks. */
export class RegistryHttp {
  readonly #connection: RegistryConnection;

  constructor(connection: RegistryConnection) {
    this.#connection = connection;
  }

  /**
   * @returns the answer, or the problem that the registry names (4xx)
   * @throws TrucError REGISTRY_UNREACHABLE (retry): no answer, 429 or 5xx, after every attempt; REGISTRY_DENIED: 401 or 403
   */
  async ask(method: 'GET' | 'POST', path: string, body?: object, signal?: AbortSignal): Promise<RegistryAnswer> {
    const { attemptsMax = 4, retryMs = 100 } = this.#connection;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#once(method, path, body, signal);
      } catch (error) {
        if (!(error instanceof TrucError) || !error.retry || attempt >= attemptsMax || signal?.aborted === true) throw error;
      }
      // Spread, so that agents which lost the registry at the same moment do not all come back at the same moment.
      await sleep(retryMs * 2 ** (attempt - 1) * (0.5 + Math.random()), undefined, signal === undefined ? {} : { signal }).catch(
        () => undefined,
      );
    }
  }

  async #once(method: string, path: string, body: object | undefined, signal: AbortSignal | undefined): Promise<RegistryAnswer> {
    const timeout = AbortSignal.timeout(this.#connection.timeoutMs ?? 5_000);
    let status: number;
    let text: string;
    try {
      const response = await fetch(`${this.#connection.url.replace(/\/+$/, '')}${path}`, {
        method,
        headers: { 'content-type': contentType, accept: contentType, ...this.#authorization() },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
        // Credentials go where the configuration says and nowhere else.
        redirect: 'error',
      });
      status = response.status;
      text = await boundedText(response);
    } catch (cause) {
      // fetch says "fetch failed"; what failed is in its cause.
      const reason = cause instanceof Error && cause.cause !== undefined ? messageOf(cause.cause) : messageOf(cause);
      throw unreachable(this.#connection.url, reason, cause);
    }
    const json = parseJson(text);
    if (status >= 200 && status < 300 && json !== undefined) return { ok: true, body: json };
    const problem = errorBody.safeParse(json);
    const told = problem.success ? problem.data.message : 'it gave no reason';
    if (status === 401 || status === 403)
      throw new TrucError('REGISTRY_DENIED', `the schema registry ${this.#connection.url} lets us not do this (${status}): ${told}`);
    if (status < 400 || status === 429 || status >= 500 || !problem.success)
      throw unreachable(this.#connection.url, `HTTP ${status}: ${told}`);
    return { ok: false, problem: problem.data };
  }

  #authorization(): Record<string, string> {
    const { credentials } = this.#connection;
    if (credentials === null) return {};
    const token = typeof credentials.token === 'function' ? credentials.token() : credentials.token;
    return { authorization: `Basic ${Buffer.from(`${credentials.principal}:${token}`).toString('base64')}` };
  }
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > answerBytesMax) throw new Error(`the answer is longer than ${answerBytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
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
