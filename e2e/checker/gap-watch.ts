import { messageOf } from '@truc/kernel';
import { gapCodes } from '@truc/pipeline';
import type { BackboneAccess } from './backbone-access.js';
import type { EventHistory } from './event-history.js';

/** A source that the checker asks for its state. */
const sources = [
  { agency: 'G01', source: 'population' },
  { agency: 'G12', source: 'administrative' },
] as const;
const resolveTimeoutMs = 60_000;

type FlowState = { readonly kind: string; readonly code?: string; readonly reason?: string };

/** Looks for named gaps and resolves them as an operator would: with the command behind `truc agent resolve`. */
export class GapWatch {
  readonly #backbone: BackboneAccess;
  readonly #history: EventHistory;
  readonly #answered = new Set<string>();
  /** Gaps that were told of, until they are resolved. */
  readonly #told = new Set<string>();

  constructor(backbone: BackboneAccess, history: EventHistory) {
    this.#backbone = backbone;
    this.#history = history;
  }

  /** Sources that have told their state at least once. */
  get asked(): number {
    return this.#answered.size;
  }

  /** Asks every source once. One that does not answer is asked again the next time. */
  async look(): Promise<void> {
    for (const { agency, source } of sources) {
      const state = await this.#stateOf(agency, source);
      if (state === null) continue;
      this.#answered.add(`${agency}/${source}`);
      const { code = '', reason = '' } = state;
      if (state.kind === 'stopped' && (gapCodes as readonly string[]).includes(code)) await this.#resolve(agency, source, code, reason);
    }
  }

  async #stateOf(agency: string, source: string): Promise<FlowState | null> {
    try {
      // Another database of the agency may not have answered: what this one says counts all the same.
      const { detail } = await this.#backbone.platform.command(agency, 'status', null);
      return (detail[`source/${source}`] ?? null) as FlowState | null;
    } catch {
      return null;
    }
  }

  async #resolve(agency: string, source: string, code: string, message: string): Promise<void> {
    const gap = `${agency}/${source}/${code}`;
    if (!this.#told.has(gap)) this.#history.add({ kind: 'gap', agency, source, name: code, message });
    this.#told.add(gap);
    this.#history.add({ kind: 'note', text: `gap ${code} of ${agency}/${source}: resolving it` });
    try {
      const resolution = { gap: code, reason: 'found and resolved by the checker' };
      const answer = await this.#backbone.platform.command(agency, 'resolve', source, { resolution, timeoutMs: resolveTimeoutMs });
      if (answer.ok) {
        this.#told.delete(gap);
        this.#history.add({ kind: 'gap-resolved', agency, source, name: code });
      } else {
        this.#history.add({ kind: 'note', text: `the gap was not resolved: ${answer.message}` });
      }
    } catch (error) {
      this.#history.add({ kind: 'note', text: `the gap was not resolved: ${messageOf(error)}` });
    }
  }
}
