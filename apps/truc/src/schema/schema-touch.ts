import type { PolicyEntry } from '@truc/coordination';
import type { SchemaDifference } from './schema-difference.js';

/** A table that feeds the dataset. */
export interface TouchedMapping {
  readonly source: string;
  readonly table: string;
  /** Columns of elements that differ. */
  readonly columns: readonly { readonly column: string; readonly element: string }[];
  /** Elements that differ and that no column brings. */
  readonly unmapped: readonly string[];
}

export interface TouchedView {
  readonly id: string;
  readonly topic: string;
  readonly generation: number;
  /** Its fields of elements that differ; where there are none the view stays as it is. */
  readonly fields: readonly string[];
}

export interface Subscriber {
  readonly contract: string;
  readonly consumer: string;
  readonly generation: number;
  readonly target: string;
  /** Whether a field that it gets differs. */
  readonly isTouched: boolean;
}

/** What of the backbone depends on a dataset whose schemas differ. */
export interface SchemaTouch {
  readonly dataset: string;
  /** The highest generation that there is. */
  readonly latestGeneration: number;
  readonly mappings: readonly TouchedMapping[];
  readonly views: readonly TouchedView[];
  readonly subscribers: readonly Subscriber[];
  /** Subscribers that read an earlier generation than the latest, which cannot end before they have moved. */
  readonly notMoved: readonly Subscriber[];
}

/**
 * Finds in the policy what a difference between schemas of a dataset touches. A field that names no element touches every view and mapping of the dataset.
 * @param latest generation that the schemas themselves are of, where the policy does not have it yet
 */
export function schemaTouch(
  dataset: string,
  latest: number,
  differences: readonly SchemaDifference[],
  policy: readonly PolicyEntry[],
): SchemaTouch {
  const elements = [...new Set(differences.flatMap(({ element }) => (element === null ? [] : [element])))].sort();
  const isChanged = (element: string): boolean => elements.some((each) => bare(each) === bare(element));
  const generations = policy.flatMap((entry) => (entry.kind === 'dataset' && entry.name === dataset ? [entry.generation] : []));
  const latestGeneration = Math.max(latest, ...generations);
  const views = policy.flatMap((entry): TouchedView[] => {
    if (entry.kind !== 'view' || entry.dataset !== dataset) return [];
    const fields = entry.fields.filter(({ element }) => isChanged(element)).map(({ name }) => name);
    return [{ id: entry.id, topic: entry.topic, generation: entry.generation, fields }];
  });
  const subscribers = policy.flatMap((entry): Subscriber[] => {
    if (entry.kind !== 'contract' || entry.dataset !== dataset) return [];
    const { name: contract, consumer, generation, target, viewId } = entry;
    const isTouched = views.some(({ id, fields }) => id === viewId && fields.length > 0);
    return [{ contract, consumer, generation, target: `${target.database}.${target.table}`, isTouched }];
  });
  return {
    dataset,
    latestGeneration,
    mappings: policy.flatMap((entry) => (entry.kind === 'source' ? mappingsOf(entry, dataset, elements, isChanged) : [])),
    views,
    subscribers,
    notMoved: subscribers.filter(({ generation }) => generation < latestGeneration),
  };
}

function mappingsOf(
  { sourceId: source, tables }: Extract<PolicyEntry, { kind: 'source' }>,
  dataset: string,
  elements: readonly string[],
  isChanged: (element: string) => boolean,
): TouchedMapping[] {
  return tables
    .filter((table) => table.dataset === dataset)
    .map(({ table, columns }) => ({
      source,
      table,
      columns: columns.filter(({ element }) => isChanged(element)).map(({ column, element }) => ({ column, element: bare(element) })),
      unmapped: elements.filter((element) => !columns.some((each) => bare(each.element) === bare(element))).map(bare),
    }));
}

/** An element whatever its version. */
function bare(element: string): string {
  return element.replace(/@[^@]*$/, '');
}
