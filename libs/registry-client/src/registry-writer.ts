import { TrucError } from '@truc/kernel';
import type { RegistryHttp, RegistryProblem } from './registry-http.js';
import type { LastId, ReadVersion } from './registry-reader.js';

/** All that can be set, by its name in answers; a change calls the level `compatibility`. */
const settable = [
  'alias',
  'aliasForDeks',
  'normalize',
  'validateFields',
  'validateNewSchemas',
  'validateRules',
  'compatibilityLevel',
  'compatibilityPolicy',
  'compatibilityGroup',
  'defaultMetadata',
  'overrideMetadata',
  'defaultRuleSet',
  'overrideRuleSet',
] as const;

const alreadyDeleted = 40406;
const nothingSet: readonly number[] = [40401, 40408, 40409];

/**
 * Writes into a registry of ours what another one held. Each method may be repeated: what is done already is done.
 * Methods return null, or the problem by which the registry refuses; they throw TrucError REGISTRY_UNREACHABLE (retry), REGISTRY_DENIED.
 */
export class RegistryWriter {
  readonly #http: RegistryHttp;
  readonly #signal: AbortSignal | undefined;

  constructor(http: RegistryHttp, signal?: AbortSignal) {
    this.#http = http;
    this.#signal = signal;
  }

  /** @param restored the dictionary judged it when it was registered: our own export comes back */
  async register({ subject, version, id, schema, references, metadata, ruleSet }: ReadVersion, restored: boolean) {
    const body = { schema, id, version, references, metadata, ruleSet };
    return this.#done('POST', `/subjects/${encodeURIComponent(subject)}/versions${restored ? '?restore=true' : ''}`, body);
  }

  /** Registers a schema as its subject's next version, or finds it registered. */
  async add(
    subject: string,
    { schema, references }: Pick<ReadVersion, 'schema' | 'references'>,
  ): Promise<RegistryProblem | { readonly id: number; readonly version: number | null }> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions`;
    const answer = await this.#http.ask('POST', path, { schema, references }, { signal: this.#signal });
    if (!answer.ok) return answer.problem;
    const { id, version } = answer.body as { id: number; version?: number };
    return { id, version: version ?? null };
  }

  async deleteSoftly(subject: string, version: number): Promise<RegistryProblem | null> {
    const problem = await this.#done('DELETE', `/subjects/${encodeURIComponent(subject)}/versions/${version}`);
    return problem?.error_code === alreadyDeleted ? null : problem;
  }

  /** Makes the settings of a name be these and no others. */
  async configure(name: string, config: Readonly<Record<string, unknown>> | null): Promise<RegistryProblem | null> {
    if (config === null) {
      const problem = await this.#done('DELETE', settingsPath('config', name));
      return problem !== null && nothingSet.includes(problem.error_code) ? null : problem;
    }
    const body = Object.fromEntries(
      settable.map((key) => [key === 'compatibilityLevel' ? 'compatibility' : key, config[key] ?? null] as const),
    );
    return this.#done('PUT', settingsPath('config', name), body);
  }

  /** @param mode null takes back what was set. IMPORT is entered whatever lives there, and deletes nothing. */
  async setMode(name: string, mode: string | null): Promise<RegistryProblem | null> {
    if (mode !== null) return this.#done('PUT', `${settingsPath('mode', name)}?force=true`, { mode });
    const problem = await this.#done('DELETE', settingsPath('mode', name));
    return problem !== null && nothingSet.includes(problem.error_code) ? null : problem;
  }

  /** No id up to these is given again. */
  raiseLastIds(ids: readonly LastId[]): Promise<RegistryProblem | null> {
    return this.#done('PUT', '/truc/last-ids', ids);
  }

  /** What the rules of the dictionary, and compatibility, would say of a schema; empty where it could be registered. */
  async judged(subject: string, schema: Pick<ReadVersion, 'schema' | 'references'>): Promise<RegistryProblem | readonly string[]> {
    const answer = await this.#http.ask(
      'POST',
      `/compatibility/subjects/${encodeURIComponent(subject)}/versions?verbose=true`,
      { schema: schema.schema, references: schema.references },
      { signal: this.#signal },
    );
    if (!answer.ok) return answer.problem;
    const { messages } = answer.body as { messages?: unknown };
    return Array.isArray(messages) ? messages.map(String) : [];
  }

  async #done(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<RegistryProblem | null> {
    const answer = await this.#http.ask(method, path, body, { signal: this.#signal });
    return answer.ok ? null : answer.problem;
  }
}

/** An error for what has to be done and is refused. */
export function refusedBy(http: RegistryHttp, what: string, { error_code: code, message }: RegistryProblem): TrucError {
  return new TrucError('REGISTRY_REFUSED', `the schema registry ${http.url} refuses ${what} (${code}): ${message}`);
}

function settingsPath(kind: 'config' | 'mode', name: string): string {
  return name === '' ? `/${kind}` : `/${kind}/${encodeURIComponent(name)}`;
}
