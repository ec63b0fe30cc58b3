import { datasetValueSchema, namespaceOfTopic } from '@truc/change-event';
import { compileView } from '@truc/contracts';
import { rowSchema, schemeOfElement, type DictionaryRelease } from '@truc/dictionary';
import { agencySlug } from '@truc/kernel';
import { namedElement } from './dictionary-facts.js';
import { documentSet, publishedTables, storedDocument, type DocumentSet } from './documents/document-set.js';
import { datasetOf, type Document, type TableDocument } from './documents/document.js';
import type { DatasetPolicy, PolicyEntry } from './policy.js';
import { scopeFieldOf } from './publisher-scope.js';
import { compileTable } from './table-compilation.js';
import { topicNames } from './topic-names.js';

/** What belongs into which policy topic. */
export interface CompiledPolicy {
  readonly common: readonly PolicyEntry[];
  /** By agency code; every agency has its list, empty at first. */
  readonly byAgency: ReadonlyMap<string, readonly PolicyEntry[]>;
}

/**
 * Compiles everything that was applied, which has been checked. Agencies and datasets concern everybody, as do the releases of the dictionary, which stand beside this; a
 * source and a contract with its view concern their agency.
 * @param release the dictionary as it holds now; null before the first one, when nothing can be published yet but the agencies
 */
export function compilePolicy(documents: readonly Document[], release: DictionaryRelease | null): CompiledPolicy {
  const set = documentSet(documents.map(storedDocument));
  const common: PolicyEntry[] = [...set.agencies.values()].map(({ body }) => {
    const { code, name } = body.agency;
    return { kind: 'agency', code, name };
  });
  const byAgency = new Map<string, PolicyEntry[]>([...set.agencies.keys()].map((code) => [code, []]));
  if (release === null) return { common, byAgency };

  const datasets = new Map<string, DatasetPolicy>();
  for (const source of set.sources.values()) {
    const { agency, database, heldLogBytesMax } = source.body.source;
    const tables = publishedTables(source.body).map(({ table }) => {
      const name = datasetOf(source.body, table);
      const compiled = compileTable(table, name, agency, release);
      const dataset = datasetPolicyOf(set, name, table, compiled, release);
      if (dataset !== null) datasets.set(name, dataset);
      return compiled.table;
    });
    // A source that publishes nothing is nothing to capture.
    if (tables.length === 0) continue;
    const limit = heldLogBytesMax === undefined ? {} : { heldLogBytesMax };
    byAgency.get(agency)?.push({ kind: 'source', sourceId: `${agencySlug(agency)}.${database}`, agency, database, ...limit, tables });
  }
  common.push(...datasets.values());

  for (const { body } of set.contracts.values()) {
    const { contract } = body;
    const dataset = datasets.get(contract.dataset);
    const entries = byAgency.get(contract.consumer);
    if (dataset === undefined || entries === undefined) continue;
    const { elements, masks } = contract;
    const view = compileView(dataset, { elements, masks, maskKey: contract.consumer }, release);
    const { name, consumer, purpose, legalBasis, validFrom, validTo, target } = contract;
    // Contracts of one agency with the same scope share the view.
    if (!entries.some((entry) => entry.kind === 'view' && entry.id === view.id)) entries.push(view);
    entries.push({
      kind: 'contract',
      name,
      consumer,
      dataset: dataset.name,
      generation: dataset.generation,
      viewId: view.id,
      purpose,
      legalBasis,
      validFrom,
      validTo,
      target,
    });
  }
  return { common, byAgency };
}

function datasetPolicyOf(
  set: DocumentSet,
  name: string,
  table: TableDocument,
  compiled: ReturnType<typeof compileTable>,
  release: DictionaryRelease,
): DatasetPolicy | null {
  const dataset = set.datasets.get(name)?.body.dataset;
  const code = namedElement(release, compiled.codeElement);
  if (dataset === undefined || code === null) return null;
  const { agency, generation, title, partitions, rules, scopeElement, oneRowPerCode } = dataset;
  const agencyScope = set.agencies.get(agency)?.body.agency.scope;
  const scopeField = agencyScope === undefined ? null : scopeFieldOf(table, scopeElement, agencyScope, release);
  const topic = topicNames.data(agency, name, generation);
  const fields = [...compiled.fields];
  return {
    kind: 'dataset',
    name,
    generation,
    agency,
    title,
    topic,
    quarantineTopic: topicNames.quarantine(agency, name),
    partitions,
    scheme: schemeOfElement(code),
    codeElement: compiled.codeElement,
    codeField: compiled.codeField,
    keyIsCode: compiled.keyIsCode,
    ...(compiled.otherCodes.length === 0 ? {} : { otherCodes: [...compiled.otherCodes] }),
    fields,
    ...(rules === undefined ? {} : { rules }),
    ...(oneRowPerCode === true ? { oneRowPerCode } : {}),
    ...(agencyScope === undefined || scopeField === null ? {} : { scope: { field: scopeField, codes: agencyScope.codes } }),
    release: release.number,
    valueSchema: datasetValueSchema(topic, rowSchema({ namespace: namespaceOfTopic(topic), name: 'Row', fields, release })),
  };
}
