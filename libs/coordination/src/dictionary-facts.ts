import { isAuthority, type DataElement, type DictionaryRelease } from '@truc/dictionary';

/** The element that a document names. Documents name elements without a version: the release tells it. */
export function namedElement(release: DictionaryRelease, urn: string): DataElement | null {
  const element = release.element(urn);
  return element?.urn === urn ? element : null;
}

export function elementNames(release: DictionaryRelease): string[] {
  return release.elements().map(({ urn }) => urn);
}

/** Whether `dataset` of `agency` is the authority for the element, as the registry will judge it (D7). */
export function hasAuthority(element: DataElement, agency: string, dataset: string): boolean {
  return isAuthority(element, { agency, dataset });
}
