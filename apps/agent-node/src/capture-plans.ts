import type { PolicyEntry } from '@truc/coordination';
import type { KafkaConnection } from '@truc/kafka';
import type { FlowPlan, SchemaLookup, StandBy } from '@truc/pipeline';
import { SlotWatch } from '@truc/postgres-capture';
import type { Logger, Telemetry } from '@truc/telemetry';
import { capturePlan, planText, runCapture } from './capture-plan.js';
import type { SeatConfiguration } from './configuration.js';
import type { DatasetsApart } from './datasets-apart.js';
import type { RetryDesk } from './retry-desk.js';

export interface CaptureParts {
  readonly connection: KafkaConnection;
  readonly schemas: SchemaLookup;
  readonly telemetry: Telemetry;
  readonly log: Logger;
  /** Absent where nobody can ask for a retry. */
  readonly retries?: RetryDesk;
  /** Absent where nobody asks for the state of single datasets. */
  readonly apart?: DatasetsApart;
}

/** One flow for each of the seat's sources that the policy names. */
export function capturePlans(entries: readonly PolicyEntry[], seat: SeatConfiguration, parts: CaptureParts): FlowPlan[] {
  return Object.entries(seat.sources).flatMap(([name, database]) => {
    const plan = capturePlan(entries, seat.agency, name);
    if (plan === null) return [];
    return {
      name: captureName(name),
      from: planText(plan),
      run: (signal) => {
        const retry = parts.retries?.take(name);
        const { apart, ...shared } = parts;
        const told = apart === undefined ? {} : { onApart: apart.listener(captureName(name)) };
        return runCapture(
          plan,
          { ...shared, database, dataDirectory: seat.dataDirectory, ...told, ...(retry === undefined ? {} : { retry }) },
          signal,
        );
      },
      standBy: slotStandBy(new SlotWatch(database.url, database.slot), database.slot),
    };
  });
}

export function captureName(database: string): string {
  return `source/${database}`;
}

/** Whoever opens the writer of a slot fences the process that reads it. So nobody does while the slot is read, by whomever. */
export function slotStandBy(watch: SlotWatch, slot: string): StandBy {
  return async (signal) => {
    const pid = await watch.reader(signal);
    if (pid !== null) return `the slot "${slot}" is in use by pid ${pid}; standing by`;
    await watch.close();
    return null;
  };
}
