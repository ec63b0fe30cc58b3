import type { DataElement, DictionaryRelease } from './dictionary-release.js';

/** The one field name of an element everywhere: `urn:vn:ddict:element:person.full-name` is `person_full_name`. */
export function canonicalFieldName(urn: string): string {
  return localName(urn).replaceAll(/[.-]/g, '_');
}

/** Last part of a URN, without a version: `personal-id`. */
export function localName(urn: string): string {
  const { urn: bare } = parseElementReference(urn);
  return bare.slice(bare.lastIndexOf(':') + 1);
}

/** Takes `urn:...:person.full-name@1.0.0` apart; the version is null where none is given. */
export function parseElementReference(reference: string): { readonly urn: string; readonly version: string | null } {
  const at = reference.lastIndexOf('@');
  return at === -1 ? { urn: reference, version: null } : { urn: reference.slice(0, at), version: reference.slice(at + 1) };
}

export function elementReference(element: DataElement): string {
  return `${element.urn}@${element.version}`;
}

/** The scheme of codes that the element holds: the local name of its value domain. */
export function schemeOfElement(element: DataElement): string {
  return localName(element.valueDomain);
}

/** True for a master key, and for an element that holds the codes of one (a father's number is a person's number). */
export function isMasterKeyOrRefersToOne(element: DataElement, release: DictionaryRelease): boolean {
  return element.isMasterKey || release.elements().some((other) => other.isMasterKey && other.valueDomain === element.valueDomain);
}
