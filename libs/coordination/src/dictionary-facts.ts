import type { DataElement, DictionaryRelease } from '@truc/dictionary';

/** The element that a document names. Documents name elements without a version: the release tells it. */
export function namedElement(release: DictionaryRelease, urn: string): DataElement | null {
  const element = release.element(urn);
  return element?.urn === urn ? element : null;
}

export function elementNames(release: DictionaryRelease): string[] {
  return release.elements().map(({ urn }) => urn);
}

/** Whether `agency` is the authority for the element: that agency, a part of it (`G12.34` of `G12`), or one of a class (`H*`). */
export function hasAuthority({ authoritativeSource }: DataElement, agency: string): boolean {
  if (authoritativeSource.endsWith('*')) return agency.startsWith(authoritativeSource.slice(0, -1));
  return agency === authoritativeSource || agency.startsWith(`${authoritativeSource}.`);
}
