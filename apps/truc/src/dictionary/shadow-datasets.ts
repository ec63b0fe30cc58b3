import type { DatasetPolicy, PolicyEntry } from '@truc/coordination';
import type { DictionaryRelease } from '@truc/dictionary';
import type { ShadowDataset } from '@truc/pipeline';

/** The datasets of the policy, each with where the day of its codes stands, as far as the log has it. */
export function shadowDatasets(entries: readonly PolicyEntry[], release: DictionaryRelease): ShadowDataset[] {
  const tables = entries.flatMap((entry) =>
    entry.kind === 'source' ? entry.tables.map((table) => ({ ...table, agency: entry.agency })) : [],
  );
  return entries.flatMap((entry): ShadowDataset[] => {
    if (entry.kind !== 'dataset') return [];
    const table = tables.find(({ dataset, agency }) => dataset === entry.name && agency === entry.agency);
    const column = table?.referenceDateColumn;
    // Whoever may not see the mapping cannot know where the day stands.
    if (column === undefined) return [{ ...entry, referenceDate: 'unpublished' }];
    if (column === null) return [{ ...entry, referenceDate: 'commit' }];
    const mapped = table?.columns.find((one) => one.column === column);
    const field = mapped === undefined ? null : dayField(entry, mapped.element, release);
    return [{ ...entry, referenceDate: field === null ? 'unpublished' : { field } }];
  });
}

/** The field of an element that is a day or an instant. */
function dayField({ fields }: DatasetPolicy, element: string, release: DictionaryRelease): string | null {
  const field = fields.find((one) => one.element === element);
  const domain = release.valueDomain(release.element(element)?.valueDomain ?? '');
  return field !== undefined && (domain?.logicalType === 'date' || domain?.logicalType === 'timestamp-micros') ? field.name : null;
}
