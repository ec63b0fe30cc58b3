/**
 * The rooms of the house and the layer each one lives in. Lint reads the map from here, so a new room is added in one place.
 *
 * kernel <- domain <- adapter <- app. An adapter never imports an adapter; an app joins them. `telemetry` is a leaf that every layer may import. Tools serve tests, benches and the CLI only.
 */
export const layers = {
  kernel: ['kernel'],
  leaf: ['telemetry'],
  domain: [
    'access',
    'avro',
    'change-event',
    'contracts',
    'coordination',
    'dictionary',
    'identity-codes',
    'mapping',
    'mapping-proposal',
    'pipeline',
    'registry',
  ],
  adapter: [
    'coordination-store',
    'kafka',
    'parent-store',
    'policy',
    'postgres-apply',
    'postgres-capture',
    'registry-client',
    'registry-store',
    'source-survey',
  ],
  tool: ['demo', 'local-stack', 'testing'],
  app: ['agent-node', 'broker-access', 'distributor', 'general-database', 'platform', 'schema-registry', 'truc'],
};

/** Rooms of ours that a room in `layer` may not import. */
export function forbiddenRooms(layer, room) {
  const { leaf, domain, adapter, tool, app } = layers;
  switch (layer) {
    case 'kernel':
      return [...leaf, ...domain, ...adapter, ...tool, ...app];
    case 'leaf':
      return [...domain, ...adapter, ...tool, ...app];
    case 'domain':
      return [...adapter, ...tool, ...app];
    case 'adapter':
      return [...adapter.filter((other) => other !== room), ...tool, ...app];
    case 'tool':
      return [...app];
    case 'app':
      return [...app.filter((other) => other !== room), ...(room === 'truc' ? [] : tool)];
    default:
      throw new Error(`unknown layer ${layer}; add ${room} to tools/house.mjs`);
  }
}

export const rooms = Object.entries(layers).flatMap(([layer, names]) =>
  names.map((name) => ({ name, layer, root: `${layer === 'app' ? 'apps' : 'libs'}/${name}` })),
);
