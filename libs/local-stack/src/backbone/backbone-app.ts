/** The processes of ours that make up the backbone, in the order in which people think of them. */
export const backboneApps = [
  'platform',
  'broker-access',
  'schema-registry',
  'agent-g01',
  'agent-g12',
  'distributor',
  'general-database',
] as const;
export type BackboneApp = (typeof backboneApps)[number];

/** Room under apps/ that a process runs. */
export function roomOf(app: BackboneApp): string {
  return app === 'agent-g01' || app === 'agent-g12' ? 'agent-node' : app;
}

/** How Node runs an app; docker-compose.yml says the same. The registry keeps its answers outside of the heap: what lives in it is little, and old garbage is not kept for long. */
export function nodeFlagsOf(app: BackboneApp): readonly string[] {
  return app === 'schema-registry' ? ['--max-semi-space-size=2', '--heap-growing-percent=20', '--no-maglev'] : [];
}

/** What an app cannot work without, beside PostgreSQL and Kafka. */
const needs: Readonly<Record<BackboneApp, readonly BackboneApp[]>> = {
  platform: [],
  'broker-access': ['platform'],
  // Whoever reads the log needs somebody who lets it.
  'schema-registry': ['broker-access'],
  'agent-g01': ['schema-registry'],
  'agent-g12': ['schema-registry'],
  distributor: ['schema-registry'],
  'general-database': ['schema-registry'],
};

/** The apps asked for and all that they need. */
export function withNeeds(apps: readonly BackboneApp[]): ReadonlySet<BackboneApp> {
  const all = new Set<BackboneApp>();
  const add = (app: BackboneApp): void => {
    for (const needed of needs[app]) add(needed);
    all.add(app);
  };
  apps.forEach(add);
  return all;
}
