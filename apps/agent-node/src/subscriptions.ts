import type { PolicyEntry } from '@truc/coordination';
import type { KafkaConnection } from '@truc/kafka';
import type { FlowState, SchemaLookup } from '@truc/pipeline';
import type { Logger, Telemetry } from '@truc/telemetry';
import type { SeatConfiguration } from './configuration.js';

/** The views that the agency's contracts entitle it to, each applied to the agency's own database. */
export class Subscriptions {
  constructor(_seat: SeatConfiguration, _connection: KafkaConnection, _schemas: SchemaLookup, _telemetry: Telemetry, _log: Logger) {}

  states(): Record<string, FlowState> {
    return {};
  }

  async follow(_entries: readonly PolicyEntry[]): Promise<void> {}

  async close(): Promise<void> {}
}
