import { openLogReader } from '@truc/kafka';
import { messageOf, runService } from '@truc/kernel';
import { BackbonePolicy } from '@truc/policy';
import { RegistryStore } from '@truc/registry-store';
import { createLogger, Telemetry } from '@truc/telemetry';
import type { JWK } from 'jose';
import { registryConfiguration, type RegistryConfiguration } from './configuration.js';
import { createRegistryApp } from './registry-app.js';
import { RegistryPolicy } from './registry-policy.js';

const service = 'schema-registry';
/** How long a refused registration, or a caller who is not known, waits for policy that is already in the log. */
const catchUpMs = 5_000;

async function start(configuration: RegistryConfiguration): Promise<{ close(): Promise<void> }> {
  const { host, port, kafka, open, tls } = configuration;
  const log = createLogger(service, { level: configuration.logLevel, terminal: process.stdout.isTTY });
  const telemetry = new Telemetry({ service, otlpEndpoint: configuration.otlpEndpoint });
  const store = await RegistryStore.open({ url: configuration.databaseUrl });
  const reader = kafka === null ? null : openLogReader({ connection: kafka });
  const source =
    reader === null
      ? null
      : new BackbonePolicy({
          reader,
          withAgencies: true,
          withPrincipals: true,
          lookMs: catchUpMs,
          onProblem: ({ topic, key, reason }) => {
            telemetry.record('truc_policy_rejected', 1, { topic });
            log.warn({ topic, key, reason }, 'a policy entry cannot be read and is kept out');
          },
          onError: (error) => log.debug({ reason: messageOf(error) }, 'the policy topics cannot be read at the moment'),
        });
  const policy = new RegistryPolicy(source, configuration.tokenKeys as JWK[], log);
  // Everything is asked of the policy as it stands; nothing has to be brought to it.
  const reading = source?.run(async () => {});
  const app = await createRegistryApp({ store, policy, telemetry, log, isOpen: open, tls });
  await app.listen(port, host);
  log.info({ url: await app.getUrl() }, 'the schema registry answers');
  if (open) log.warn('open: everybody who reaches this port is the administrator; never outside of one machine');
  const close = async (): Promise<void> => {
    log.info('stopping');
    await app.close();
    await source?.close();
    await reading;
    await reader?.close();
    await store.close();
    await telemetry.shutdown();
  };
  return { close };
}

await runService(process, { name: service, configuration: registryConfiguration, start });
