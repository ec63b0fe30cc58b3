import type { RunningRegistry } from './running-registries.test-data.js';

export const record = (name: string, ...fields: object[]) => ({ type: 'record', name, fields: [{ name: 'a', type: 'string' }, ...fields] });
export const optional = (name: string) => ({ name, type: ['null', 'string'], default: null });

/** A registry with a life behind it: references, deletions, settings, contexts, metadata, aliases, ids that are gone. */
export async function fillRegistry(registry: RunningRegistry): Promise<void> {
  await registry.register('address', record('Address'));
  await registry.register('person', record('Person', { name: 'address', type: 'Address' }), {
    references: [{ name: 'Address', subject: 'address', version: 1 }],
  });
  for (const field of ['b', 'c']) await registry.register('orders/with slash', record('Order', optional(field)));
  await registry.register('orders-value', record('Order', optional('b')), {
    metadata: { tags: { 'Order.a': ['PII'] }, properties: { owner: 'sales' }, sensitive: ['s'] },
    ruleSet: { domainRules: [{ name: 'check', kind: 'CONDITION', type: 'CEL', mode: 'WRITE', expr: 'true' }] },
  });
  await registry.register('orders-value', record('Order', optional('b'), optional('c')));
  await registry.done('DELETE', '/subjects/orders-value/versions/1');
  // Both were deleted, the one that refers first: in IMPORT they have to live once more.
  await registry.register('old-part', record('Part'));
  await registry.register('old-whole', record('Whole', { name: 'part', type: 'Part' }), {
    references: [{ name: 'Part', subject: 'old-part', version: 1 }],
  });
  await registry.done('DELETE', '/subjects/old-whole');
  await registry.done('DELETE', '/subjects/old-part');
  await registry.register(':.staging:orders-value', record('Order', optional('z')));
  // The highest id of all is gone for good, and must not come back.
  await registry.register('gone', record('Gone'));
  await registry.done('DELETE', '/subjects/gone');
  await registry.done('DELETE', '/subjects/gone?permanent=true');
  await registry.done('PUT', '/config', { compatibility: 'FORWARD' });
  await registry.done('PUT', '/config/orders-value', {
    compatibility: 'NONE',
    compatibilityGroup: 'major',
    defaultMetadata: { properties: { x: 'y' } },
  });
  await registry.done('PUT', '/config/nickname', { alias: 'orders-value' });
  await registry.done('PUT', '/config/:.staging:', { compatibility: 'FULL' });
  await registry.done('PUT', '/mode/address', { mode: 'READONLY' });
  await registry.done('PUT', '/mode/:.staging:', { mode: 'READONLY' });
}
