import { suggestion } from './catalogue-checks.js';
import { elementsOf, type DocumentSet } from './document-set.js';
import type { ProblemList } from './problem.js';

/** A contract names elements that its dataset really has, a generation that exists, a time that does not end before it begins and a table of its own. */
export function checkContracts(set: DocumentSet, problems: ProblemList): void {
  const targets = new Map<string, string>();
  for (const { name, body, place } of set.contracts.values()) {
    const { contract } = body;
    const { dataset, generation, validFrom, validTo, consumer } = contract;
    if (validTo !== null && validTo < validFrom) {
      problems.add(place(['contract', 'validTo']), 'CONTRACT_VALIDITY', { from: validFrom, to: validTo });
    }
    const target = `${contract.target.database}/${contract.target.table}`;
    const other = targets.get(`${consumer} ${target}`);
    if (other === undefined) targets.set(`${consumer} ${target}`, name);
    else problems.add(place(['contract', 'target']), 'CONTRACT_TARGET_TAKEN', { consumer, other, target });

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
