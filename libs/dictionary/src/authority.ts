import { agencySlug, isAgencyCode } from '@truc/kernel';
import type { DataElement } from './dictionary-release.js';

/**
 * True where the publisher is the element's authoritative source: the agency that the element names or a part of it (`G12.34` of `G12`), or any agency of the class that it names (`H*`),
 * and its dataset where the element names one.
 * @param publisher agency by code or slug
 */
export function isAuthority(element: DataElement, publisher: { readonly agency: string; readonly dataset: string | null }): boolean {
  if (element.authoritativeDataset !== null && element.authoritativeDataset !== publisher.dataset) return false;
  const { authoritativeSource } = element;
  const agency = isAgencyCode(publisher.agency) ? agencySlug(publisher.agency) : publisher.agency;
  if (authoritativeSource.endsWith('*')) return agency.startsWith(authoritativeSource.slice(0, -1).toLowerCase());
  const source = agencySlug(authoritativeSource);
  return agency === source || agency.startsWith(`${source}-`);
}
