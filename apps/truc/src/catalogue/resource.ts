import { datasetOf, type Document } from '@truc/coordination';
import { TrucError } from '@truc/kernel';
import type { PlatformClient, PlatformStatus } from '@truc/local-stack';
import { DictionaryClient } from '../dictionary/dictionary-client.js';
import { storedDocuments } from '../diff/document-reading.js';
import { UsageError } from '../exit-code.js';
import { CatalogueClient, type DocumentView, type PrincipalView } from './catalogue-client.js';

export const resourceKinds = ['agency', 'dataset', 'source', 'contract', 'release', 'schema', 'principal'] as const;
export type ResourceKind = (typeof resourceKinds)[number];

/** One thing of the backbone as `truc get` shows it. */
export interface Resource {
  readonly name: string;
  /** Cells of its line in a table, in the order of {@link headOf}. */
  readonly cells: readonly string[];
  /** All that is known of it, for programs. */
  readonly value: object;
}

const plurals: Readonly<Record<ResourceKind, string>> = {
  agency: 'agencies',
  dataset: 'datasets',
  source: 'sources',
  contract: 'contracts',
  release: 'releases',
  schema: 'schemas',
  principal: 'principals',
};

const heads: Readonly<Record<ResourceKind, readonly string[]>> = {
  agency: ['name', 'title', 'scope', 'applied'],
  dataset: ['name', 'agency', 'generation', 'title', 'applied'],
  source: ['name', 'tables', 'datasets', 'applied'],
  contract: ['name', 'consumer', 'dataset', 'elements', 'from', 'to', 'applied'],
  release: ['number', 'applied', 'by', 'note'],
  schema: ['subject', 'state', 'reason'],
  principal: ['name', 'role', 'agency', 'made'],
};

export function headOf(kind: ResourceKind): readonly string[] {
  return heads[kind];
}

/** `agency` and `agencies` are the same. @throws UsageError */
export function resourceKind(text: string): ResourceKind {
  const kind = resourceKinds.find((known) => known === text || plurals[known] === text);
  if (kind === undefined)
    throw new UsageError(`there is no kind "${text}"; there are ${resourceKinds.map((known) => plurals[known]).join(', ')}`);
  return kind;
}

/** Everything of a kind that the caller may read, in the order of the names. Throws as PlatformClient.call does. */
export async function resourcesOf(kind: ResourceKind, platform: PlatformClient): Promise<Resource[]> {
  switch (kind) {
    case 'release':
      return (await new DictionaryClient(platform).releases()).map((release) => ({
        name: String(release.number),
        cells: [String(release.number), day(release.appliedAt), release.proposer ?? release.appliedBy, release.note ?? ''],
        value: release,
      }));
    case 'schema':
      return (await platform.status()).schemas.map(schemaResource);
    case 'principal':
      return (await new CatalogueClient(platform).principals()).map(principalResource);
    case 'agency':
    case 'dataset':
    case 'source':
    case 'contract':
      return (await new CatalogueClient(platform).documents())
        .filter((view) => view.kind === kind)
        .map(documentResource)
        .toSorted(byName);
  }
}

/** @throws TrucError CATALOGUE_UNKNOWN */
export function namedResource(kind: ResourceKind, name: string, all: readonly Resource[]): Resource {
  const found = all.find((resource) => resource.name === name);
  if (found !== undefined) return found;
  const names = all.slice(0, 20).map((resource) => resource.name);
  const known =
    names.length === 0
      ? `there are no ${plurals[kind]} that you may read`
      : `there are ${names.join(', ')}${all.length > names.length ? ' and more' : ''}`;
  throw new TrucError('CATALOGUE_UNKNOWN', `there is no ${kind} "${name}"; ${known}`);
}

function schemaResource(schema: PlatformStatus['schemas'][number]): Resource {
  return { name: schema.subject, cells: [schema.subject, schema.state, schema.reason ?? ''], value: schema };
}

function principalResource(principal: PrincipalView): Resource {
  const { name, role, agency, createdAt } = principal;
  return { name, cells: [name, role, agency ?? '', day(createdAt)], value: principal };
}

function documentResource(view: DocumentView): Resource {
  const [document] = storedDocuments([view]);
  const facts = document === undefined ? [] : factsOf(document);
  return { name: view.name, cells: [view.name, ...facts, day(view.appliedAt)], value: view };
}

function factsOf(document: Document): string[] {
  switch (document.kind) {
    case 'agency': {
      const { name, scope } = document.body.agency;
      return [name.en, scope === undefined ? '' : `${scope.codes.length} codes`];
    }
    case 'dataset': {
      const { agency, generation, title } = document.body.dataset;
      return [agency, String(generation), title.en];
    }
    case 'source': {
      const published = document.body.tables.filter(({ publish }) => publish);
      return [
        `${published.length} of ${document.body.tables.length}`,
        published.map((table) => datasetOf(document.body, table)).join(', '),
      ];
    }
    case 'contract': {
      const { consumer, dataset, elements, validFrom, validTo } = document.body.contract;
      return [consumer, dataset, String(elements.length), validFrom, validTo ?? ''];
    }
  }
}

function byName(a: Resource, b: Resource): number {
  return a.name < b.name ? -1 : 1;
}

function day(time: string): string {
  return time.slice(0, 10);
}
