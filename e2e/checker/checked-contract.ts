import type { DatasetPolicy, PolicyEntry } from '@truc/coordination';
import { checkedDataset } from './oplog.js';

export type ViewPolicy = PolicyEntry & { readonly kind: 'view' };
export type ContractPolicy = PolicyEntry & { readonly kind: 'contract' };

/** The database that the checked subscriber keeps, by the name that contracts use. */
export const subscribedDatabase = 'social_insurance';

/** The dataset that the writers write to, and the contract by which the subscriber has it; null what the policy does not have. Other contracts and views are nobody's business here. */
export interface CheckedContract {
  readonly dataset: DatasetPolicy | null;
  readonly view: ViewPolicy | null;
  readonly contract: ContractPolicy | null;
  /** Topics that must have been judged: of the dataset, and of the view. */
  readonly topics: readonly string[];
}

export function checkedContract(policy: readonly PolicyEntry[]): CheckedContract {
  const dataset = policy.find((entry): entry is DatasetPolicy => entry.kind === 'dataset' && entry.name === checkedDataset) ?? null;
  const contracts = policy.filter(
    (entry): entry is ContractPolicy =>
      entry.kind === 'contract' && entry.target.database === subscribedDatabase && entry.dataset === checkedDataset,
  );
  for (const contract of contracts) {
    const view = policy.find((entry): entry is ViewPolicy => entry.kind === 'view' && entry.id === contract.viewId);
    if (view !== undefined && view.datasetTopic === dataset?.topic) return { dataset, view, contract, topics: [dataset.topic, view.topic] };
  }
  const topics = [dataset?.topic ?? `the dataset ${checkedDataset}`, `the view of ${checkedDataset} for ${subscribedDatabase}`];
  return { dataset, view: null, contract: null, topics };
}
