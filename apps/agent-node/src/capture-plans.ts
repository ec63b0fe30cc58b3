import type { PolicyEntry } from '@truc/coordination';
import type { KafkaConnection } from '@truc/kafka';
import { whileHeld, type FlowPlan, type Lease, type SchemaLookup } from '@truc/pipeline';
import { SlotWatch } from '@truc/postgres-capture';
import type { Logger, Telemetry } from '@truc/telemetry';
import { capturePlan, planText, runCapture } from './capture-plan.js';
import { reveal, type SeatConfiguration } from './configuration.js';

export interface CaptureParts {
  readonly connection: KafkaConnection;
  readonly schemas: SchemaLookup;
  readonly lease: Lease;
  readonly telemetry: Telemetry;
  readonly log: Logger;
}

/** One flow for each of the seat's sources that the policy names. */
export function capturePlans(entries: readonly PolicyEntry[], seat: SeatConfiguration, parts: CaptureParts): FlowPlan[] {
  return Object.entries(seat.sources).flatMap(([name, { url, slot, publication }]) => {
    const plan = capturePlan(entries, seat.agency, name);
    if (plan === null) return [];
    const database = { url: reveal(url), slot, publication };
    const { lease, ...rest } = parts;
    return {
      name: captureName(name),
      from: planText(plan),
      run: (signal) => whileHeld(lease, signal, (held) => runCapture(plan, { ...rest, database }, held)),
      standBy: slotStandBy(new SlotWatch(database.url, slot), slot, lease),
    };
  });
}

export function captureName(database: string): string {
  return `source/${database}`;
}

/**
 * Whoever opens the writer of a slot fences the one that reads it. So nobody does while the slot is read, by whomever; and, because a reader lets go of its slot for
 * moments, nobody who does not hold the lease either.
 */
function slotStandBy(watch: SlotWatch, slot: string, lease: Lease): (signal: AbortSignal) => Promise<string | null> {
  return async (signal) => {
    const pid = await watch.reader(signal);
    const reason = pid === null ? await lease.standBy() : `the slot "${slot}" is in use by pid ${pid}; standing by`;
    if (reason === null) await watch.close();
    return reason;
  };
}
