import type { Row } from '@truc/kernel';
import type { DictionaryRelease } from './dictionary-release.js';
import type { FieldPolicy } from './field-policy.js';
import { elementOf } from './row-schema.js';
import type { ValueViolation } from './value-violation.js';

const communes = 'urn:vn:ddict:codelist:commune';
const provinces = 'urn:vn:ddict:codelist:province';

interface StatedPlace {
  readonly commune: string;
  readonly province: string;
  readonly violation: ValueViolation;
}

/**
 * Check rule `administrative-unit-as-of` between fields (V3): a commune lies in the province that the row states beside it, on the day that its codes apply to. The two are
 * independent codes, so only the list tells, where its entries have a `parent`. A commune and a province are of one place where they are of one group of elements
 * (`address.commune`, `address.province`) and the group has one of each in the row: with a list of either nobody knows which belong together.
 * @throws TrucError DICTIONARY_ELEMENT_UNKNOWN
 */
export function compileUnitPlace(
  release: DictionaryRelease,
  fields: readonly FieldPolicy[],
): ((row: Row, day: number, report: (violation: ValueViolation) => void) => void) | null {
  const list = release.codeList(communes);
  if (list === null || list.open || !list.hasParents) return null;
  const former = release.codeList(`${communes}-pre-2025`);
  const inList = (codeList: string) => fields.filter((field) => elementOf(field, release).domain.codeList === codeList);
  const ofGroup = (group: string, codeList: string) => inList(codeList).filter((field) => groupOf(field) === group);
  const places = inList(communes).flatMap((field): StatedPlace[] => {
    const group = groupOf(field);
    const [province, another] = ofGroup(group, provinces);
    if (province === undefined || another !== undefined || ofGroup(group, communes).length > 1) return [];
    if (field.isList === true || province.isList === true) return [];
    const { urn } = elementOf(field, release).element;
    const violation: ValueViolation = Object.freeze({ rule: 'V3', element: urn, field: field.name, reason: 'province-mismatch' });
    return [{ commune: field.name, province: province.name, violation }];
  });
  if (places.length === 0) return null;
  return (row, day, report) => {
    const then = list.startsAfter(day) ? former : list;
    if (then === null) return;
    for (const { commune, province, violation } of places) {
      const [code, stated] = [row[commune], row[province] ?? null];
      if (typeof code !== 'string' || stated === null) continue;
      const parent = then.parentOn(code, then.judgingDay(day));
      if (parent !== null && parent !== stated) report(violation);
    }
  };
}

/** `address` of `urn:vn:ddict:element:address.commune`. */
function groupOf({ element }: FieldPolicy): string {
  return element.slice(element.lastIndexOf(':') + 1).split('.')[0] ?? '';
}
