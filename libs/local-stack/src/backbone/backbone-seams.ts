import type { KafkaLine } from '../kafka-configuration.js';

/**
 * Where something may stand between the apps and what they talk to, so that a test can cut and slow that line. Whoever starts the backbone runs what stands
 * there; it must listen before the backbone starts.
 */
export interface BackboneSeams {
  /** Port at which agents find the databases that they capture. */
  readonly sourcesPort?: number;
  /** Every app comes to Kafka through this door; whoever else uses the backbone does not. */
  readonly kafka?: KafkaLine;
}

/** The same address at another port. */
export function atPort(url: string, port: number | undefined): string {
  if (port === undefined) return url;
  const moved = new URL(url);
  moved.port = String(port);
  return moved.href;
}
