import type { PolicyEntry } from '@truc/coordination';
import { TrucError } from '@truc/kernel';
import type { ApplySubscription, FlowPlan } from '@truc/pipeline';
import type { TargetDatabase } from './target-database.js';

/** Schema of the consumer's database that its shared tables stand in. */
const tableSchema = 'shared';

/** What the agency's contracts in force mean for one of its databases: one subscription for each view and table. */
export function subscriptionsOf(entries: readonly PolicyEntry[], agency: string, database: string, today: string): ApplySubscription[] {
  const found = entries.flatMap((contract): ApplySubscription[] => {
    if (contract.kind !== 'contract' || contract.consumer !== agency || contract.target.database !== database) return [];
    if (contract.validFrom > today || (contract.validTo !== null && contract.validTo < today)) return [];
    const view = entries.find((entry) => entry.kind === 'view' && entry.id === contract.viewId);
    if (view?.kind !== 'view') return [];
    const { topic, partitions, dataset, scheme, codeInClear, codeField, otherCodes, valueSchema } = view;
    const table = { schema: tableSchema, name: contract.target.table };
    const others = otherCodes?.map((other) => ({ scheme: other.scheme, field: other.inClear ? other.field : null }));
    return [{ topic, partitions, dataset, table, scheme, codeField: codeInClear ? codeField : null, otherCodes: others, valueSchema }];
  });
  // `apply` refuses a second contract of one scope or one table in a database; two that were applied before it did may share a view and a table, which is one subscription.
  return [...new Map(found.map((one) => [`${one.topic} ${one.table.name}`, one])).values()];
}

export function targetName(database: string): string {
  return `target/${database}`;
}

/** The flow that sends what was delivered to a database as receipts. */
export function receiptPlan(database: string, target: Pick<TargetDatabase, 'sendReceipts'>): FlowPlan {
  return {
    name: `receipts/${database}`,
    from: null,
    run: (signal) => target.sendReceipts(signal),
  };
}

/**
 * One flow for each subscription, so that one that needs a person leaves the others running. A view that two contracts want in different tables, which `apply` refuses
 * and earlier documents may hold, is shown as stopped: a database has one offset for each partition of a topic.
 */
export function subscriptionPlans(
  database: string,
  subscriptions: readonly ApplySubscription[],
  target: Pick<TargetDatabase, 'apply'>,
): FlowPlan[] {
  return [...new Set(subscriptions.map(({ topic }) => topic))].map((topic) => {
    const [first, ...others] = subscriptions.filter((one) => one.topic === topic) as [ApplySubscription, ...ApplySubscription[]];
    return {
      name: `${targetName(database)}/${topic}`,
      from: [first, ...others],
      run: (signal) => (others.length > 0 ? Promise.reject(twice(topic)) : target.apply(first, signal)),
    };
  });
}

function twice(topic: string): TrucError {
  return new TrucError(
    'APPLY_TOPIC_TWICE',
    `two contracts want the topic ${topic} in two tables of one database, which has one offset for it: end one of them by its validTo; the other goes on`,
  );
}
