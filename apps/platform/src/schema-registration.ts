import { setTimeout as sleep } from 'node:timers/promises';
import { shippedSchema } from '@truc/change-event';
import { platformServices, topicNames, type PolicyEntry } from '@truc/coordination';
import { agencySlug, messageOf, TrucError } from '@truc/kernel';
import type { Logger } from '@truc/telemetry';

/** What registers a schema: libs/registry-client, or nothing where there is no registry. */
export interface SchemaRegistrar {
  /** Registers the schema under the subject, or finds it there. @returns its id @throws TrucError, with `retry` where the registry cannot be reached */
  register(subject: string, schema: string): Promise<number>;
}

export interface SchemaState {
  readonly subject: string;
  readonly state: 'registered' | 'waiting' | 'refused';
  /** Why it waits or was refused. */
  readonly reason: string | null;
}

interface Wanted {
  readonly subject: string;
  readonly schema: string;
}

/** Key and value schema of every dataset and view, of what is held back on the way, and of receipts. Datasets come first: what a view shows is checked there. */
export function schemasOf(entries: readonly PolicyEntry[]): Wanted[] {
  const topics = [...entries.filter((entry) => entry.kind === 'dataset'), ...entries.filter((entry) => entry.kind === 'view')];
  const wanted = topics.flatMap(({ topic, valueSchema }) => [
    { subject: `${topic}-key`, schema: shippedSchema('MasterDataKey') },
    { subject: `${topic}-value`, schema: valueSchema },
  ]);
  const consumers = [...platformServices, ...entries.flatMap((entry) => (entry.kind === 'agency' ? [agencySlug(entry.code)] : []))];
  const platformTopics = [
    ...entries.flatMap((entry) =>
      entry.kind === 'dataset' ? [{ subject: `${entry.quarantineTopic}-value`, schema: shippedSchema('QuarantinedRow') }] : [],
    ),
    ...consumers.map((consumer) => ({ subject: `${topicNames.rejected(consumer)}-value`, schema: shippedSchema('RejectedRecord') })),
    { subject: `${topicNames.receipts}-value`, schema: shippedSchema('DeliveryReceipt') },
  ];
  wanted.push(...platformTopics);
  return [...new Map(wanted.map((one) => [one.subject, one])).values()];
}

const pauseMsMax = 10_000;

/**
 * Registers what the published policy calls for, and goes on until all of it is. The platform does not wait for it: the registry may start later, and it has to
 * read the policy before it knows the dictionary and the key of our token. For the same reason a refusal is tried again, ever more slowly; it is logged once.
 */
export class SchemaRegistration {
  readonly #registrar: SchemaRegistrar | null;
  readonly #log: Logger;
  readonly #done = new Map<string, string>();
  readonly #stopped = new AbortController();
  #wanted: readonly Wanted[] = [];
  #states: readonly SchemaState[] = [];
  #running: Promise<void> | null = null;
  #round = 0;

  constructor(registrar: SchemaRegistrar | null, log: Logger) {
    this.#registrar = registrar;
    this.#log = log;
  }

  get states(): readonly SchemaState[] {
    return this.#states;
  }

  /** Begins, or begins anew, with what is published now. */
  want(entries: readonly PolicyEntry[]): void {
    this.#round += 1;
    this.#wanted = schemasOf(entries);
    this.#states = this.#wanted.map((wanted) => this.#stateOf(wanted, 'waiting', this.#registrar === null ? 'there is no registry' : null));
    if (this.#registrar !== null) this.#running ??= this.#run(this.#registrar).finally(() => (this.#running = null));
  }

  async close(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  async #run(registrar: SchemaRegistrar): Promise<void> {
    let pauseMs = 250;
    while (!this.#stopped.signal.aborted) {
      const round = this.#round;
      const states: SchemaState[] = [];
      for (const wanted of this.#wanted) {
        if (this.#stopped.signal.aborted) return;
        states.push(await this.#register(registrar, wanted));
      }
      if (round !== this.#round) continue;
      this.#tell(states);
      this.#states = states;
      if (states.every(({ state }) => state === 'registered')) return;
      await sleep(pauseMs, undefined, { signal: this.#stopped.signal }).catch(() => {});
      pauseMs = Math.min(pauseMs * 2, pauseMsMax);
    }
  }

  async #register(registrar: SchemaRegistrar, wanted: Wanted): Promise<SchemaState> {
    if (this.#done.get(wanted.subject) === wanted.schema) return this.#stateOf(wanted, 'registered', null);
    try {
      await registrar.register(wanted.subject, wanted.schema);
      this.#done.set(wanted.subject, wanted.schema);
      return this.#stateOf(wanted, 'registered', null);
    } catch (error) {
      const isWaiting = error instanceof TrucError && error.retry;
      return this.#stateOf(wanted, isWaiting ? 'waiting' : 'refused', messageOf(error));
    }
  }

  #stateOf(wanted: Wanted, state: SchemaState['state'], reason: string | null): SchemaState {
    const isDone = this.#done.get(wanted.subject) === wanted.schema;
    return isDone ? { subject: wanted.subject, state: 'registered', reason: null } : { subject: wanted.subject, state, reason };
  }

  /** A refusal is worth a line when it is new. */
  #tell(states: readonly SchemaState[]): void {
    const before = new Map(this.#states.map(({ subject, reason }) => [subject, reason]));
    for (const { subject, state, reason } of states) {
      if (state === 'refused' && before.get(subject) !== reason) this.#log.warn({ subject, reason }, 'the registry refuses a schema');
    }
  }
}
