import type { PolicyEntry, Problem } from '@truc/coordination';
import type { EntryChange } from '@truc/dictionary';
import { httpAnswer, messageOf, refusePlainHttp, tlsError, tlsTroubleOf, TrucError, type HttpAnswer, type HttpLine } from '@truc/kernel';

export interface ApplyFile {
  readonly path: string;
  readonly text: string;
}

export interface ApplyManner {
  /** Of the problems' sentences. */
  readonly language?: 'vi' | 'en';
  /** Tells what would change and changes nothing. */
  readonly dryRun?: boolean;
}

/** What an apply did; with `problems` it did nothing. */
export type ApplyAnswer =
  | { readonly problems: readonly Problem[] }
  | {
      readonly message: string;
      readonly created: readonly string[];
      readonly changed: readonly string[];
      readonly unchanged: readonly string[];
      readonly pending: string | null;
      /** Where the dictionary that holds would change: that waits for an approval. The number is null of a dry run. */
      readonly proposal: { readonly number: number | null; readonly isNew: boolean; readonly changes: readonly EntryChange[] } | null;
    };

export interface PlatformStatus {
  /** Latest release of the dictionary. */
  readonly release: number | null;
  readonly entries: number;
  readonly schemas: readonly {
    readonly subject: string;
    readonly state: 'registered' | 'waiting' | 'refused';
    readonly reason: string | null;
  }[];
  /** Absent of a platform of before. */
  readonly incidents?: readonly { readonly code: string; readonly message: string }[];
}

export interface NewPrincipal {
  readonly name: string;
  readonly role: string;
  readonly agency: string | null;
}

export interface AgentAnswer {
  readonly id: string;
  readonly ok: boolean;
  readonly message: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Longest answer that is read: a policy of some thousand entries has a few megabytes. */
const answerBytesMax = 256 * 1024 * 1024;

/** The platform's HTTP API as `truc` uses it. */
export class PlatformClient {
  readonly #url: string;
  readonly #token: string | null;
  readonly #line: HttpLine;

  /** @param token null where the platform is open */
  constructor(url: string, token: string | null, line: HttpLine = {}) {
    this.#line = line;
    this.#url = url.replace(/\/$/, '');
    this.#token = token;
  }

  /** @throws TrucError as of {@link PlatformClient.call} */
  async apply(files: readonly ApplyFile[], { language = 'en', dryRun = false }: ApplyManner = {}): Promise<ApplyAnswer> {
    return (await this.call('POST', '/v1/apply', { files, dryRun }, { 'accept-language': language })) as ApplyAnswer;
  }

  async status(): Promise<PlatformStatus> {
    return (await this.call('GET', '/v1/status')) as PlatformStatus;
  }

  async policy(): Promise<readonly PolicyEntry[]> {
    const { entries } = (await this.call('GET', '/v1/policy')) as { entries: { entry: PolicyEntry }[] };
    return entries.map(({ entry }) => entry);
  }

  /** @returns the secrets, which are told once; null where there is such a principal already */
  async createPrincipal(principal: NewPrincipal): Promise<{ kafka: { password: string } | null; token: string } | null> {
    try {
      return (await this.call('POST', '/v1/principals', principal)) as { kafka: { password: string } | null; token: string };
    } catch (error) {
      if (error instanceof TrucError && error.code === 'PLATFORM_NAME_TAKEN') return null;
      throw error;
    }
  }

  async deletePrincipal(name: string): Promise<void> {
    await this.call('DELETE', `/v1/principals/${encodeURIComponent(name)}`);
  }

  /** @param more what else the command takes, and how long the agent may take for it */
  async command(
    agency: string,
    command: string,
    source: string | null,
    more: {
      readonly resolution?: { readonly gap: string; readonly reason: string; readonly dataset?: string };
      readonly timeoutMs?: number;
    } = {},
  ): Promise<AgentAnswer> {
    return (await this.call('POST', `/v1/agents/${encodeURIComponent(agency)}/commands`, { command, source, ...more })) as AgentAnswer;
  }

  /**
   * One request. What is answered with 422 is an answer.
   * @throws TrucError PLATFORM_UNREACHABLE (retry), PLATFORM_TLS_* (retry), PLATFORM_PLAIN_TEXT, and whatever the platform refuses with, under its own code
   */
  async call(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<unknown> {
    refusePlainHttp(this.#url, this.#line, 'the platform', 'PLATFORM');
    let response: HttpAnswer;
    try {
      response = await httpAnswer(`${this.#url}${path}`, {
        method,
        ...this.#line,
        signal: AbortSignal.timeout(120_000),
        answerBytesMax,
        headers: {
          ...headers,
          ...(this.#token === null ? {} : { authorization: `Bearer ${this.#token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
    } catch (cause) {
      const trouble = tlsTroubleOf(cause);
      if (trouble !== null) throw tlsError('PLATFORM', `the platform at ${this.#url}`, trouble, cause);
      throw new TrucError(
        'PLATFORM_UNREACHABLE',
        `the platform at ${this.#url} does not answer (${messageOf(cause)}): start it (npm start), or choose another context (truc context use NAME)`,
        { retry: true, cause },
      );
    }
    const { status, text } = response;
    const answer = parse(text);
    if ((status >= 200 && status < 300) || status === 422) return answer;
    const { code, message } = (answer ?? {}) as { code?: unknown; message?: unknown };
    throw new TrucError(
      typeof code === 'string' ? code : 'PLATFORM_FAILED',
      typeof message === 'string' ? message : `the platform at ${this.#url} answered ${status} to ${method} ${path}`,
      { retry: status === 503 || status === 504 },
    );
  }
}

function parse(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
