import type { DatasetPolicy } from '@truc/coordination';
import { agencySlug } from '@truc/kernel';
import type { ApplySubscription, TableNaming } from '@truc/pipeline';

/** `G12.34` and `land.parcel-use` in generation 2 are `g12_34` and `land_parcel_use_v2`. */
export function tableOfDataset({ agency, name, generation }: Pick<DatasetPolicy, 'agency' | 'name' | 'generation'>): TableNaming {
  const table = name.replaceAll(/[.-]/g, '_');
  return { schema: agencySlug(agency).replaceAll('-', '_'), name: generation === 1 ? table : `${table}_v${generation}` };
}

export interface DatasetTables {
  readonly subscriptions: readonly ApplySubscription[];
  /** Datasets whose tables would have the same name: none of them is applied, for their rows would mix. */
  readonly clashing: readonly { readonly topic: string; readonly table: string }[];
}

/** Every dataset of the backbone with its table. */
export function datasetTables(datasets: readonly DatasetPolicy[]): DatasetTables {
  const byTable = new Map<string, DatasetPolicy[]>();
  for (const dataset of datasets) {
    const { schema, name } = tableOfDataset(dataset);
    const table = `${schema}.${name}`;
    byTable.set(table, [...(byTable.get(table) ?? []), dataset]);
  }
  const clashing = [...byTable].filter(([, group]) => group.length > 1);
  return {
    subscriptions: [...byTable.values()].filter((group) => group.length === 1).flatMap((group) => group.map(subscriptionOf)),
    clashing: clashing.flatMap(([table, group]) => group.map(({ topic }) => ({ topic, table }))),
  };
}

function subscriptionOf(dataset: DatasetPolicy): ApplySubscription {
  const { topic, partitions, name, scheme, codeField, otherCodes, valueSchema } = dataset;
  return { topic, partitions, dataset: name, table: tableOfDataset(dataset), scheme, codeField, otherCodes, valueSchema };
}
