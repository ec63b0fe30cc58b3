import { agentGroup, type PolicyEntry } from '@truc/coordination';
import { messageOf, type Clock } from '@truc/kernel';
import type { Logger, Telemetry } from '@truc/telemetry';
import { setTimeout as sleep } from 'node:timers/promises';

/** Something at an agency that needs a person, as far as it is seen from here. */
export interface Incident {
  readonly code: 'AGENT_GONE';
  readonly agency: string;
  readonly source: string;
  readonly sinceMs: number;
  readonly message: string;
}

/** A node that is restarted, or taken over from, is missed for less. */
const patienceMs = 60_000;

interface Seen {
  /** Since when nobody acts; null while somebody does. */
  readonly goneSinceMs: number | null;
  readonly isTold: boolean;
}

/**
 * Looks whether anybody acts for each source. A slot whose agent has gone keeps the log of its database until the disk is full, and the agent is not there to tell; nobody else can look at an
 * agency's database. Who acts holds a lease at the brokers, so its absence is seen there.
 */
export class AgentWatch {
  readonly #entries: () => readonly PolicyEntry[];
  readonly #hasMembers: (group: string) => Promise<boolean>;
  readonly #telemetry: Pick<Telemetry, 'record'>;
  readonly #log: Pick<Logger, 'warn' | 'info'>;
  readonly #clock: Clock;
  readonly #seen = new Map<string, Seen & { readonly agency: string; readonly source: string }>();

  constructor(
    entries: () => readonly PolicyEntry[],
    hasMembers: (group: string) => Promise<boolean>,
    telemetry: Pick<Telemetry, 'record'>,
    log: Pick<Logger, 'warn' | 'info'>,
    clock: Clock,
  ) {
    this.#entries = entries;
    this.#hasMembers = hasMembers;
    this.#telemetry = telemetry;
    this.#log = log;
    this.#clock = clock;
  }

  /** What is the matter now, longest first. */
  get incidents(): Incident[] {
    return [...this.#seen.values()]
      .flatMap(({ agency, source, goneSinceMs, isTold }) =>
        goneSinceMs === null || !isTold
          ? []
          : [{ code: 'AGENT_GONE' as const, agency, source, sinceMs: goneSinceMs, message: sentence(agency, source, goneSinceMs) }],
      )
      .toSorted((a, b) => a.sinceMs - b.sinceMs);
  }

  /** Looks once at every source that the policy names. A source that is taken out of it is forgotten. */
  async look(): Promise<void> {
    const sources = this.#entries().flatMap((entry) => (entry.kind === 'source' ? [{ agency: entry.agency, source: entry.database }] : []));
    const names = new Set(sources.map(({ agency, source }) => `${agency}/${source}`));
    for (const name of this.#seen.keys()) if (!names.has(name)) this.#forget(name);
    for (const { agency, source } of sources) {
      const group = agentGroup({ agency, kind: 'source', database: source }, 'lease');
      // One that cannot be asked for now hides no other.
      const isThere = await this.#hasMembers(group).catch((error: unknown) => {
        this.#log.warn({ agency, source, reason: messageOf(error) }, 'it is not known whether an agent is there');
        return null;
      });
      if (isThere !== null) this.#note(agency, source, isThere);
    }
  }

  /** Looks again and again until it is stopped. Brokers that cannot be asked leave everything as it was seen last. */
  async run(everyMs: number, stopped: AbortSignal): Promise<void> {
    while (!stopped.aborted) {
      await this.look();
      await sleep(everyMs, undefined, { signal: stopped, ref: false }).catch(() => undefined);
    }
  }

  #note(agency: string, source: string, isThere: boolean): void {
    const name = `${agency}/${source}`;
    const before = this.#seen.get(name);
    const now = this.#clock.now();
    const goneSinceMs = isThere ? null : (before?.goneSinceMs ?? now);
    const isTold = goneSinceMs !== null && now - goneSinceMs >= patienceMs;
    this.#seen.set(name, { agency, source, goneSinceMs, isTold });
    this.#telemetry.record('truc_agent_present', isThere ? 1 : 0, { agency, source });
    if (isTold && before?.isTold !== true) this.#log.warn({ code: 'AGENT_GONE', agency, source }, sentence(agency, source, goneSinceMs));
    if (isThere && before?.isTold === true) this.#log.info({ agency, source }, 'somebody acts for the source again');
  }

  #forget(name: string): void {
    const known = this.#seen.get(name);
    this.#seen.delete(name);
    if (known !== undefined) this.#telemetry.record('truc_agent_present', 1, { agency: known.agency, source: known.source });
  }
}

function sentence(agency: string, source: string, sinceMs: number): string {
  return (
    `nobody acts for the source ${agency}/${source} since ${new Date(sinceMs).toISOString()}: where its agent has made a slot, that slot keeps the log on the disk of the agency's database. ` +
    'Start the agent, or take the slot away with truc source remove'
  );
}
