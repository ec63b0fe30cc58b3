import type { DictionaryRelease } from '@truc/dictionary';
import { elementNames, namedElement } from '../dictionary-facts.js';
import { isListIn, scopeFieldOf } from '../publisher-scope.js';
import { suggestion } from './catalogue-checks.js';
import type { DocumentSet } from './document-set.js';
import type { ProblemList } from './problem.js';

/**
 * Where authority is by class (`H*`: every province its own), each agency has its scope, the scopes do not overlap, and each dataset says by which of its fields a row's
 * place is told: rule V7 has nothing to judge by otherwise.
 */
export function checkScopes(set: DocumentSet, release: DictionaryRelease | null, problems: ProblemList): void {
  checkOverlaps(set, problems);
  if (release === null) return;
  checkDomains(set, release, problems);
  checkScopedDatasets(set, release, problems);
}

/** A unit may have a part of its parent's scope. */
function checkOverlaps(set: DocumentSet, problems: ProblemList): void {
  const owners = new Map<string, string[]>();
  for (const { name, body, place } of set.agencies.values()) {
    const { scope } = body.agency;
    for (const [index, code] of (scope?.codes ?? []).entries()) {
      const key = `${name.charAt(0)} ${scope?.domain} ${code}`;
      const others = owners.get(key) ?? [];
      owners.set(key, [...others, name]);
      const other = others.find((one) => one !== name && !one.startsWith(`${name}.`) && !name.startsWith(`${one}.`));
      if (other !== undefined)
        problems.add(place(['agency', 'scope', 'codes', index]), 'AGENCY_SCOPE_OVERLAP', { code, agency: name, other });
    }
  }
}

function checkDomains(set: DocumentSet, release: DictionaryRelease, problems: ProblemList): void {
  for (const { body, place } of set.agencies.values()) {
    const { scope } = body.agency;
    if (scope === undefined) continue;
    const domain = release.valueDomain(scope.domain);
    if (domain === null || domain.avroType !== 'string') {
      const nearest = suggestion(
        scope.domain,
        release.valueDomains().map(({ id }) => id),
      );
      problems.add(place(['agency', 'scope', 'domain']), 'AGENCY_SCOPE_DOMAIN', { name: scope.domain, nearest });
      continue;
    }
    const list = domain.codeList === null ? null : release.codeList(domain.codeList);
    if (list === null || list.open) continue;
    for (const [index, code] of scope.codes.entries()) {
      if (!list.has(code)) problems.add(place(['agency', 'scope', 'codes', index]), 'AGENCY_SCOPE_CODE', { code, list: list.urn });
    }
  }
}

function checkScopedDatasets(set: DocumentSet, release: DictionaryRelease, problems: ProblemList): void {
  for (const { dataset: name, table, source, index } of set.tables.values()) {
    const dataset = set.datasets.get(name);
    if (dataset === undefined) continue;
    const { scopeElement } = dataset.body.dataset;
    const { agency } = source.body.source;
    const { scope } = set.agencies.get(agency)?.body.agency ?? {};
    if (scopeElement !== undefined) {
      const element = namedElement(release, scopeElement);
      const isMapped = table.columns.some((column) => column.element === scopeElement) || table.identification.element === scopeElement;
      const isTelling = element !== null && element.valueDomain === scope?.domain && isMapped && !isListIn(table, scopeElement);
      if (!isTelling) {
        const values = { name, element: scopeElement, agency, nearest: suggestion(scopeElement, elementNames(release)) };
        problems.add(dataset.place(['dataset', 'scopeElement']), 'DATASET_SCOPE_ELEMENT', values);
        continue;
      }
    }
    const claimed = table.columns.find(
      ({ element, reference }) =>
        element !== null && !reference && namedElement(release, element)?.authoritativeSource.endsWith('*') === true,
    );
    if (claimed === undefined) continue;
    const place = source.place(['tables', index, 'subject']);
    if (scope === undefined) {
      problems.add(place, 'DATASET_SCOPE_NONE', { name, element: claimed.element ?? '', agency });
    } else if (scopeFieldOf(table, scopeElement, scope, release) === null) {
      problems.add(place, 'DATASET_SCOPE_FIELD', { name, domain: scope.domain, agency });
    }
  }
}
