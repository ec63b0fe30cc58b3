import { kafkaConnection, openLogReader } from '@truc/kafka';
import { loadConfiguration } from '@truc/kernel';
import type { LogReader } from '@truc/pipeline';
import { RegistryClient, registryConnection, registrySettings } from '@truc/registry-client';
import { z } from 'zod';

/** The part of a service's configuration that tells how it reads the log; the rest of the file is its own business. */
const readingService = z.looseObject({
  kafka: kafkaConnection,
  registry: registrySettings,
});

export interface LogAccess {
  readonly reader: LogReader;
  readonly schemas: RegistryClient;
  close(): Promise<void>;
}

/**
 * Reads the log with the rights of a service that may read it, such as the general database.
 * @param file its configuration
 * @throws TrucError CONFIGURATION_UNREADABLE, CONFIGURATION_INVALID
 */
export function openLogAccess(file: string, environment: Readonly<Record<string, string | undefined>>): LogAccess {
  const { kafka, registry } = loadConfiguration(readingService, file, environment);
  const reader = openLogReader({ connection: { ...kafka, clientId: 'truc-dictionary-try' } });
  const schemas = new RegistryClient(registryConnection(registry));
  return { reader, schemas, close: () => reader.close() };
}
