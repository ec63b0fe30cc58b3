import { maskedTypeOf, masksOf, type DictionaryRelease } from '@truc/dictionary';
import { namedElement } from '../dictionary-facts.js';
import { protectionsOf } from '../table-compilation.js';
import { suggestion } from './catalogue-checks.js';
import { elementsOf, placeText, type DocumentSet, type PlacedDocument } from './document-set.js';
import type { ContractDocument, TableDocument } from './document.js';
import type { ProblemList } from './problem.js';

export interface ContractGround {
  readonly release: DictionaryRelease | null;
  /** The day on which contracts that were applied earlier are judged by what came after them, and the release that held until then; null where they are not. */
  readonly judgesStored: { readonly today: string; readonly old: DictionaryRelease } | null;
}

/**
 * A contract names elements that its dataset really has, a generation that exists, a time that does not end before it begins, and a table and a scope that its
 * consumer has for no other contract in that database.
 * @param before what was applied earlier
 */
export function checkContracts(set: DocumentSet, before: DocumentSet, ground: ContractGround, problems: ProblemList): void {
  const { release, judgesStored } = ground;
  checkTargets(set, problems);
  for (const document of set.contracts.values()) {
    const { body, place } = document;
    const { contract } = body;
    const { dataset, generation, validFrom, validTo } = contract;
    if (validTo !== null && validTo < validFrom) {
      problems.add(place(['contract', 'validTo']), 'CONTRACT_VALIDITY', { from: validFrom, to: validTo });
    }
    const known = set.datasets.get(dataset)?.body.dataset;
    const datasetPlace = place(['contract', 'dataset']);
    if (known === undefined) {
      problems.add(datasetPlace, 'DOCUMENT_DATASET_UNKNOWN', { name: dataset, nearest: suggestion(dataset, set.datasets.keys()) });
      continue;
    }
    if (generation !== undefined && generation !== known.generation) {
      const values = { name: dataset, current: String(known.generation), found: String(generation) };
      problems.add(place(['contract', 'generation']), 'DOCUMENT_GENERATION_UNKNOWN', values);
    }
    const published = set.tables.get(dataset);
    if (published === undefined) {
      problems.add(datasetPlace, 'DOCUMENT_DATASET_UNMAPPED', { name: dataset });
      continue;
    }
    checkMasks(contract, place, release, problems);
    if (release !== null && !document.isStored) checkProtected(document, published.table, before, release, problems);
    if (release !== null && document.isStored && judgesStored !== null)
      checkClear(document, published.table, { ...judgesStored, next: release }, problems);
    const elements = elementsOf(published.table);
    for (const [index, element] of contract.elements.entries()) {
      const elementPlace = place(['contract', 'elements', index]);
      if (contract.elements.indexOf(element) !== index) problems.add(elementPlace, 'CONTRACT_ELEMENT_TWICE', { element });
      else if (!elements.includes(element)) {
        const values = { dataset, element, nearest: suggestion(element, elements), known: elements.join(', ') };
        problems.add(elementPlace, 'CONTRACT_ELEMENT_UNKNOWN', values);
      }
    }
  }
}

type PlacedContract = PlacedDocument & { readonly kind: 'contract' };

/** A mask is of an element that the contract names, and one that its value domain allows. */
function checkMasks(
  { elements, masks = {} }: ContractDocument['contract'],
  place: PlacedDocument['place'],
  release: DictionaryRelease | null,
  problems: ProblemList,
): void {
  for (const [element, mask] of Object.entries(masks)) {
    const path = ['contract', 'masks', element];
    if (!elements.includes(element)) {
      problems.add(place(path, 'key'), 'CONTRACT_MASK_ELEMENT', { element, nearest: suggestion(element, elements) });
      continue;
    }
    const domain = release?.valueDomain(release.element(element)?.valueDomain ?? '') ?? null;
    if (domain === null || maskedTypeOf(domain, mask) !== null) continue;
    problems.add(place(path), 'CONTRACT_MASK_UNFIT', { element, mask, domain: domain.id, allowed: masksOf(domain).join(', ') });
  }
}

/**
 * What a dataset protects leaves it under a mask alone. An element that a contract let out in clear before this was refused stays as it is: its mask cannot change any more, and the
 * contract has to be open to the day that ends it. It may end sooner, and not reach further than it did: a contract that was over let nothing out.
 */
function checkProtected(
  { name, body, place }: PlacedContract,
  table: TableDocument,
  before: DocumentSet,
  release: DictionaryRelease,
  problems: ProblemList,
): void {
  const { validFrom, validTo } = body.contract;
  const earlier = before.contracts.get(name)?.body.contract;
  const isNoLonger =
    earlier !== undefined &&
    validFrom >= earlier.validFrom &&
    (earlier.validTo === null || (validTo !== null && validTo <= earlier.validTo));
  for (const { index, element, ...values } of clearElements(body, table, release)) {
    if (isNoLonger && earlier.elements.includes(element) && earlier.masks?.[element] === undefined) continue;
    problems.add(place(['contract', 'elements', index]), 'CONTRACT_MASK_MISSING', { element, dataset: body.contract.dataset, ...values });
  }
}

/** What a release protects that was free until then: a contract that lets it out in clear, today or later, has to end before. */
function checkClear(
  { name, body, place }: PlacedContract,
  table: TableDocument,
  { old, next, today }: { readonly old: DictionaryRelease; readonly next: DictionaryRelease; readonly today: string },
  problems: ProblemList,
): void {
  const { dataset, validTo } = body.contract;
  if (validTo !== null && validTo < today) return;
  // In whichever way it was protected, and whatever could mask it: it was let out in clear before.
  const before = new Set(clearElements(body, table, old).map(({ element }) => element));
  for (const { index, element, ...values } of clearElements(body, table, next)) {
    if (before.has(element)) continue;
    problems.add(place(['contract', 'elements', index]), 'CONTRACT_LOADED_CLEAR', { name, element, dataset, ...values });
  }
}

/** Elements that the dataset protects and the contract does not mask, with the masks that their value domains allow. */
function clearElements(
  { contract }: ContractDocument,
  table: TableDocument,
  release: DictionaryRelease,
): { readonly index: number; readonly element: string; readonly protection: string; readonly allowed: string }[] {
  const { elements, masks = {} } = contract;
  const protections = protectionsOf(table, release);
  return elements.flatMap((element, index) => {
    const protection = protections.get(element) ?? 'none';
    if (protection === 'none' || masks[element] !== undefined || elements.indexOf(element) !== index) return [];
    const domain = release.valueDomain(namedElement(release, element)?.valueDomain ?? '');
    return [{ index, element, protection, allowed: domain === null ? 'hash' : masksOf(domain).join(', ') }];
  });
}

/**
 * Those at hand are told of those that were applied earlier, not the other way round, and two that were applied before this was refused keep no apply from what it is
 * about: nothing can take one of them away. Days do not matter: a topic's offsets outlive a contract.
 */
function checkTargets(set: DocumentSet, problems: ProblemList): void {
  const tables = new Map<string, PlacedDocument>();
  const scopes = new Map<string, PlacedDocument>();
  for (const document of [...set.contracts.values()].toSorted((a, b) => Number(b.isStored) - Number(a.isStored))) {
    const { consumer, dataset, elements, masks, target } = document.body.contract;
    const { database, table } = target;
    const tableKey = JSON.stringify([consumer, database, table]);
    const ofTable = tables.get(tableKey);
    if (ofTable === undefined) tables.set(tableKey, document);
    else if (!document.isStored) {
      const values = { consumer, other: ofTable.name, target: `${database}/${table}`, first: placeText(ofTable) };
      problems.add(document.place(['contract', 'target']), 'CONTRACT_TARGET_TAKEN', values);
    }
    const scopeKey = JSON.stringify([
      consumer,
      database,
      dataset,
      [...new Set(elements)].toSorted(),
      Object.entries(masks ?? {}).toSorted(),
    ]);
    const ofScope = scopes.get(scopeKey);
    if (ofScope === undefined) scopes.set(scopeKey, document);
    else if (!document.isStored) {
      const values = { consumer, other: ofScope.name, dataset, database, first: placeText(ofScope) };
      problems.add(document.place(['contract', 'elements'], 'key'), 'CONTRACT_SCOPE_TWICE', values);
    }
  }
}
