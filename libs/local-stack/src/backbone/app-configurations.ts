import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agencySlug } from '@truc/kernel';
import type { BackboneApp } from './backbone-app.js';
import type { BackbonePorts } from './backbone-ports.js';
import { demoDatabases, passwordFile, urlOf } from './demo-databases.js';
import { kafkaPasswordFile, tokenFile } from './demo-principals.js';
import { SecretsDirectory } from './secrets-directory.js';

export const tokenKeyFile = 'token-key.json';
const platformKafkaPassword = 'platform.kafka-password';
const viewSecretFile = 'view-secret';
const host = '127.0.0.1';

/** The distributor's root secret of a data directory. */
export function readViewSecret(directory: string): string {
  return new SecretsDirectory(join(directory, 'secrets')).read(viewSecretFile);
}

export interface ConfigurationFacts {
  readonly ports: BackbonePorts;
  /** Of PostgreSQL's superuser. */
  readonly postgresUrl: string;
  /** The same of the server that the sources are on, as agents find it. */
  readonly sourcesUrl: string;
  readonly kafka: { readonly brokers: readonly string[]; readonly username: string; readonly password: string; readonly mechanism: string };
  /** What the broker writes, refused requests among it. */
  readonly kafkaLog: string;
  readonly secrets: SecretsDirectory;
  /** Platform and registry ask for no credentials. */
  readonly open: boolean;
  /** Base URL of the OTLP/HTTP collector that every app sends its spans to; null: none. */
  readonly otlpEndpoint: string | null;
}

/** A captured database of the demo and the agent that captures it. */
export interface DemoSource {
  readonly agency: string;
  readonly database: 'population' | 'administrative';
  /** Login role of the agent in the source. */
  readonly role: string;
  readonly slot: string;
  readonly publication: string;
}

export const demoSources: readonly DemoSource[] = [
  { agency: 'G01', database: 'population', role: 'truc_agent_g01', slot: 'truc_population', publication: 'truc_population' },
  { agency: 'G12', database: 'administrative', role: 'truc_agent_g12', slot: 'truc_administrative', publication: 'truc_administrative' },
];

/**
 * Writes the configuration of every app; secrets stand in files of their own, so these may be shown to anybody.
 * @returns the path of each
 */
export function writeAppConfigurations(directory: string, facts: ConfigurationFacts): Readonly<Record<BackboneApp, string>> {
  mkdirSync(directory, { recursive: true });
  const configurations = appConfigurations(facts, join(directory, '..', 'agent-data'));
  const { otlpEndpoint } = facts;
  const paths = Object.entries(configurations).map(([app, configuration]) => {
    const path = join(directory, `${app}.json`);
    writeFileSync(path, `${JSON.stringify({ ...configuration, otlpEndpoint }, null, 2)}\n`);
    return [app, path];
  });
  return Object.fromEntries(paths) as Record<BackboneApp, string>;
}

/** The same configuration for a second process at another port. @returns its path */
export function writeSecondConfiguration(path: string, port: number): string {
  const second = path.replace(/\.json$/, '.second.json');
  const configuration = JSON.parse(readFileSync(path, 'utf8')) as object;
  writeFileSync(second, `${JSON.stringify({ ...configuration, port }, null, 2)}\n`);
  return second;
}

function appConfigurations(
  { ports, postgresUrl, sourcesUrl, kafka, kafkaLog, secrets, open }: ConfigurationFacts,
  dataDirectory: string,
): Readonly<Record<BackboneApp, object>> {
  const { brokers, mechanism } = kafka;
  const registryUrl = `http://${host}:${ports['schema-registry']}`;
  const kafkaOf = (principal: string) => ({
    brokers,
    mechanism,
    username: principal,
    password: secrets.reference(kafkaPasswordFile(principal)),
  });
  const registryOf = (principal: string) => ({ url: registryUrl, principal, token: secrets.reference(tokenFile(principal)) });
  const databaseOf = (database: string, role: string, serverUrl = postgresUrl) => {
    const name = `postgres.${role}.${database}.url`;
    secrets.password(passwordFile(role));
    secrets.write(name, urlOf(serverUrl, database, role, secrets));
    return secrets.reference(name);
  };
  const seat = (agency: string) => {
    const principal = `agent.${agencySlug(agency)}`;
    const sources = demoSources
      .filter((source) => source.agency === agency)
      .map(({ database, role, slot, publication }) => [database, { url: databaseOf(database, role, sourcesUrl), slot, publication }]);
    return {
      agency,
      kafka: kafkaOf(principal),
      registry: registryOf(principal),
      sources: Object.fromEntries(sources) as object,
      dataDirectory,
    };
  };
  secrets.write(platformKafkaPassword, kafka.password);
  secrets.password(viewSecretFile);
  const { platform, registry, socialInsurance, generalDatabase } = demoDatabases;
  const subscriber = { social_insurance: { url: databaseOf(socialInsurance.database, socialInsurance.owner) } };
  return {
    platform: {
      host,
      port: ports.platform,
      databaseUrl: databaseOf(platform.database, platform.owner),
      kafka: { brokers, mechanism, username: kafka.username, password: secrets.reference(platformKafkaPassword) },
      registryUrl,
      tokenKeyFile: secrets.file(tokenKeyFile),
      open,
    },
    'broker-access': { host, port: ports['broker-access'], kafka: kafkaOf('broker-access'), authorizerLogs: [kafkaLog] },
    'schema-registry': {
      host,
      port: ports['schema-registry'],
      databaseUrl: databaseOf(registry.database, registry.owner),
      kafka: kafkaOf('registry'),
      open,
    },
    'agent-g01': { host, port: ports['agent-g01'], seats: [seat('G01')] },
    'agent-g12': { host, port: ports['agent-g12'], seats: [seat('G12'), { ...seat('G12.34'), targets: subscriber }] },
    distributor: {
      host,
      port: ports.distributor,
      kafka: kafkaOf('distributor'),
      registry: registryOf('distributor'),
      viewSecret: secrets.reference(viewSecretFile),
    },
    'general-database': {
      host,
      port: ports['general-database'],
      kafka: kafkaOf('general-database'),
      registry: registryOf('general-database'),
      databaseUrl: databaseOf(generalDatabase.database, generalDatabase.owner),
    },
  };
}
