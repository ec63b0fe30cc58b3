import { topicNames, type PolicyEntry } from '@truc/coordination';
import { isoDateOfDays, vietnamToday } from '@truc/dictionary';
import { openLogReader, openLogWriter, type KafkaConnection } from '@truc/kafka';
import { agencySlug, systemClock } from '@truc/kernel';
import { ApplyFlow, FlowSupervisor, RejectionLog, type ApplySubscription, type FlowState, type SchemaLookup } from '@truc/pipeline';
import { PostgresTarget } from '@truc/postgres-apply';
import type { Logger, Telemetry } from '@truc/telemetry';
import { reveal, type SeatConfiguration } from './configuration.js';

interface RunningTarget {
  readonly plan: string;
  readonly supervisor: FlowSupervisor;
}

/** Schema of the consumer's database that its shared tables stand in. */
const tableSchema = 'shared';

/** What the agency's contracts in force mean for one of its databases: one subscription for each. */
export function subscriptionsOf(entries: readonly PolicyEntry[], agency: string, database: string, today: string): ApplySubscription[] {
  return entries.flatMap((contract) => {
    if (contract.kind !== 'contract' || contract.consumer !== agency || contract.target.database !== database) return [];
    if (contract.validFrom > today || (contract.validTo !== null && contract.validTo < today)) return [];
    const view = entries.find((entry) => entry.kind === 'view' && entry.id === contract.viewId);
    if (view?.kind !== 'view') return [];
    const { topic, partitions, dataset, scheme, codeInClear, codeField, valueSchema } = view;
    return [
      {
        topic,
        partitions,
        dataset,
        table: { schema: tableSchema, name: contract.target.table },
        scheme,
        codeField: codeInClear ? codeField : null,
        valueSchema,
      },
    ];
  });
}

/** The views that the agency's contracts entitle it to, each applied to the agency's own database: one flow for each database. */
export class Subscriptions {
  readonly #seat: SeatConfiguration;
  readonly #connection: KafkaConnection;
  readonly #schemas: SchemaLookup;
  readonly #telemetry: Telemetry;
  readonly #log: Logger;
  readonly #running = new Map<string, RunningTarget>();

  constructor(seat: SeatConfiguration, connection: KafkaConnection, schemas: SchemaLookup, telemetry: Telemetry, log: Logger) {
    this.#seat = seat;
    this.#connection = connection;
    this.#schemas = schemas;
    this.#telemetry = telemetry;
    this.#log = log;
  }

  states(): Record<string, FlowState> {
    return Object.fromEntries(
      Object.keys(this.#seat.targets).map((database) => [
        `target/${database}`,
        this.#running.get(database)?.supervisor.state ?? {
          kind: 'waiting',
          reason: `no contract in force names the database ${database} yet`,
        },
      ]),
    );
  }

  /** Brings the flows to what the policy says now; one call at a time. */
  async follow(entries: readonly PolicyEntry[]): Promise<void> {
    const today = isoDateOfDays(vietnamToday(systemClock));
    for (const database of Object.keys(this.#seat.targets)) {
      const subscriptions = subscriptionsOf(entries, this.#seat.agency, database, today);
      const plan = JSON.stringify(subscriptions);
      const running = this.#running.get(database);
      if (running?.plan === plan) continue;
      await running?.supervisor.close();
      this.#running.delete(database);
      if (subscriptions.length === 0) continue;
      const supervisor = new FlowSupervisor({
        run: (signal) => this.#apply(database, subscriptions, signal),
        onState: (state) => this.#tell(database, state),
      });
      this.#running.set(database, { plan, supervisor });
      await supervisor.resume();
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ supervisor }) => supervisor.close()));
    this.#running.clear();
  }

  async #apply(database: string, subscriptions: readonly ApplySubscription[], signal: AbortSignal): Promise<void> {
    const settings = this.#seat.targets[database];
    if (settings === undefined) return;
    const consumer = agencySlug(this.#seat.agency);
    const connection = this.#connection;
    const rejectedTopic = topicNames.rejected(consumer);
    const reader = openLogReader({ connection });
    const target = new PostgresTarget({ connectionString: reveal(settings.url), consumer: `agent.${consumer}`, clock: systemClock });
    const rejections = new RejectionLog({
      topic: rejectedTopic,
      consumer,
      schemas: this.#schemas,
      openWriter: () =>
        openLogWriter({
          connection,
          transactionalId: `agent.${consumer}.rejected.${database}`,
          partitions: [{ topic: rejectedTopic, partition: 0 }],
        }),
      telemetry: this.#telemetry,
      clock: systemClock,
    });
    const parts = {
      consumer,
      reader,
      target,
      schemas: this.#schemas,
      isReleased: null,
      rejections,
      telemetry: this.#telemetry,
      clock: systemClock,
    };
    try {
      await new ApplyFlow(subscriptions, parts).run(signal);
    } finally {
      await rejections.close();
      await target.close();
      await reader.close();
    }
  }

  #tell(database: string, state: FlowState): void {
    const value = state.kind === 'running' ? 1 : state.kind === 'stopped' ? -1 : 0;
    this.#telemetry.record('truc_flow_state', value, { flow: `target/${database}` });
    const line = { target: database, ...state };
    if (state.kind === 'stopped') this.#log.error(line, 'apply stopped: it needs a person');
    else if (state.kind === 'retrying') this.#log.warn(line, 'apply will be tried again');
    else this.#log.info(line, `apply is ${state.kind}`);
  }
}
