import type { PolicyEntry } from '@truc/coordination';

/** Policy entries with as little in them as there can be. */
const bilingual = { vi: 'x', en: 'x' };

export const agency = (code: string): PolicyEntry => ({ kind: 'agency', code, name: bilingual });

export const view = (id: string, topic = `view.${id}`): PolicyEntry => ({
  kind: 'view',
  id,
  topic,
  dataset: 'population.resident',
  generation: 1,
  datasetTopic: 'data.g01.population.resident.v1',
  partitions: 2,
  scheme: 'personal-id',
  codeField: 'personalId',
  codeInClear: true,
  fields: [{ name: 'personalId', element: 'person.personal-id', role: 'source', protection: 'none', required: true }],
  valueSchema: '{}',
});

export const contract = (
  name: string,
  consumer: string,
  viewId: string,
  validFrom = '2026-01-01',
  validTo: string | null = null,
): PolicyEntry => ({
  kind: 'contract',
  name,
  consumer,
  dataset: 'population.resident',
  generation: 1,
  viewId,
  purpose: bilingual,
  legalBasis: 'x',
  validFrom,
  validTo,
  target: { database: 'd', table: 't' },
});

export const principal = (name: string, role = 'agent', ofAgency: string | null = null): PolicyEntry => ({
  kind: 'principal',
  name,
  agency: ofAgency,
  role,
  sinceSeconds: 0,
});

export const heartbeat = (iso: string): PolicyEntry => ({ kind: 'heartbeat', atMs: Date.parse(iso) });
