import { demoDatabases, type Backbone, type DemoDatabase } from '@truc/local-stack';

const databaseTitles: Readonly<Record<DemoDatabase, string>> = {
  population: 'source: population (G01)',
  administrative: 'source: administrative units (G12)',
  generalDatabase: 'National General Database',
  socialInsurance: 'subscriber: social insurance (G12.34)',
  platform: 'of the platform',
  registry: 'of the schema registry',
};

/** Where everything is, with lines to paste. The addresses hold passwords of this machine's demonstration only. */
export function placeLines({ databases, urls, kafka, directory }: Backbone, contextFile: string): string[] {
  const shown = ['population', 'administrative', 'generalDatabase', 'socialInsurance'] as const;
  return [
    '',
    'Databases',
    ...shown.flatMap((name) => [`  ${databaseTitles[name]} (${demoDatabases[name].database})`, `    psql '${databases[name]}'`]),
    'Schema registry (token in the context file; Basic user administrator works too)',
    `  ${urls['schema-registry']}/subjects`,
    'Platform',
    `  ${urls.platform}/v1/status`,
    'Metrics',
    ...Object.values(urls).map((url) => `  ${url}/metrics`),
    'Kafka (SASL/SCRAM; nothing is open)',
    `  ${kafka.brokers.join(',')}`,
    'Context of truc, logs, data',
    `  ${contextFile}`,
    `  ${directory}/logs`,
    `  ${directory}`,
    '',
  ];
}
