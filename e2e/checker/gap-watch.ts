import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '@truc/kernel';
import type { PlatformClient } from '@truc/local-stack';
import { gapCodes } from '@truc/pipeline';
import type { EventHistory } from './event-history.js';
import type { ExpectedGap } from './scenario.js';

/** A source that the checker asks for its state. */
const sources = [
  { agency: 'G01', source: 'population' },
  { agency: 'G12', source: 'administrative' },
] as const;
type WatchedSource = (typeof sources)[number];
const resolveTimeoutMs = 60_000;
const statusTimeoutMs = 5_000;
const patienceMs = 60_000;
const askAgainMs = 250;

/** Of a flow, or of a dataset that stands apart from its source. */
interface ToldState {
  readonly kind: string;
  readonly code?: string | null;
  readonly reason?: string;
}
/** By flow, as in `source/population`, and by flow and dataset. */
type ToldStates = Readonly<Record<string, ToldState>>;

/** Who told their state at the end, and who did not. */
export interface LastLook {
  readonly answered: number;
  /** `G01/population`. */
  readonly silent: readonly string[];
}

/** Looks for named gaps and resolves them as an operator would: with the command behind `truc agent resolve`. */
export class GapWatch {
  readonly #platform: Pick<PlatformClient, 'command'>;
  readonly #history: Pick<EventHistory, 'add'>;
  /** Gaps that were told of, until they are resolved. */
  readonly #told = new Set<string>();
  readonly #resolved = new Set<string>();
  /** Sources that were captured when they were asked last. */
  readonly #running = new Set<string>();
  readonly #mend: () => Promise<void>;

  /** @param mend what is done before a gap is resolved */
  constructor(
    platform: Pick<PlatformClient, 'command'>,
    history: Pick<EventHistory, 'add'>,
    mend: () => Promise<void> = () => Promise.resolve(),
  ) {
    this.#platform = platform;
    this.#history = history;
    this.#mend = mend;
  }

  /** Asks sources once. @returns those that did not answer, which are asked again the next time */
  async look(asked: readonly WatchedSource[] = sources): Promise<WatchedSource[]> {
    const silent: WatchedSource[] = [];
    for (const one of asked) {
      const { agency, source } = one;
      const states = await this.#statesOf(agency);
      const flow = `source/${source}`;
      const state = states?.[flow];
      if (states === null || state === undefined) {
        silent.push(one);
        continue;
      }
      const name = `${agency}/${source}`;
      if (state.kind === 'running') this.#running.add(name);
      else this.#running.delete(name);
      if (state.kind === 'stopped') await this.#resolve(agency, source, state);
      for (const [name, told] of Object.entries(states)) {
        if (told.kind === 'gap' && name.startsWith(`${flow}/`)) await this.#resolve(agency, source, told, name.slice(flow.length + 1));
      }
    }
    return silent;
  }

  /** Whether all of these were named and resolved, and their sources are captured again. */
  areResolved(gaps: readonly ExpectedGap[]): boolean {
    return gaps.every(
      ({ agency, source, code }) => this.#resolved.has(`${agency}/${source}/${code}`) && this.#running.has(`${agency}/${source}`),
    );
  }

  /**
   * Asks until every source has answered after this moment: an agent may be on its way up.
   * @param withinMs how long at most, in milliseconds
   */
  async lookAtAll(withinMs = patienceMs): Promise<LastLook> {
    const deadline = performance.now() + withinMs;
    let silent = await this.look();
    while (silent.length > 0 && performance.now() < deadline) {
      await sleep(askAgainMs);
      silent = await this.look(silent);
    }
    return { answered: sources.length - silent.length, silent: silent.map(({ agency, source }) => `${agency}/${source}`) };
  }

  async #statesOf(agency: string): Promise<ToldStates | null> {
    try {
      // Another database of the agency may not have answered: what this one says counts all the same.
      const { detail } = await this.#platform.command(agency, 'status', null, { timeoutMs: statusTimeoutMs });
      return detail as ToldStates;
    } catch {
      return null;
    }
  }

  async #resolve(agency: string, source: string, { code, reason: message = '' }: ToldState, dataset?: string): Promise<void> {
    if (!isGapCode(code)) return;
    const gap = `${agency}/${source}/${code}`;
    if (!this.#told.has(gap)) this.#history.add({ kind: 'gap', agency, source, name: code, message });
    this.#told.add(gap);
    this.#history.add({ kind: 'note', text: `gap ${code} of ${agency}/${source}: resolving it` });
    try {
      await this.#mend();
      const resolution = { gap: code, reason: 'found and resolved by the checker', ...(dataset === undefined ? {} : { dataset }) };
      const answer = await this.#platform.command(agency, 'resolve', source, { resolution, timeoutMs: resolveTimeoutMs });
      if (answer.ok) {
        this.#told.delete(gap);
        this.#resolved.add(gap);
        this.#running.delete(`${agency}/${source}`);
        this.#history.add({ kind: 'gap-resolved', agency, source, name: code });
      } else {
        this.#history.add({ kind: 'note', text: `the gap was not resolved: ${answer.message}` });
      }
    } catch (error) {
      this.#history.add({ kind: 'note', text: `the gap was not resolved: ${messageOf(error)}` });
    }
  }
}

function isGapCode(code: string | null | undefined): code is string {
  return (gapCodes as readonly (string | null | undefined)[]).includes(code);
}
