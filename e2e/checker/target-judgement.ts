import { reconcile } from '@truc/local-stack';
import { checkedContract, subscribedDatabase } from './checked-contract.js';
import type { JudgementOptions } from './judgement.js';
import type { Judges } from './judges.js';
import { lastOps, type Op } from './oplog.js';
import { isCheckerCode } from './person.js';
import { joinSorted } from './sorted-join.js';
import { auditedChanges, type Target } from './target-audit.js';
import { searchedRows, targetRows, type TargetRow } from './target-rows.js';

/** Of the triggers that note changes. */
const ownColumns = 'checker.';

/**
 * Judges what stands in the targets, and how it came there.
 * @param told.unknown keys of rows of which nobody can tell what must stand there
 * @param told.toldWhole as of `lastOps`
 */
export async function judgeTargets(
  options: JudgementOptions,
  judges: Judges,
  { unknown, toldWhole }: { readonly unknown: ReadonlySet<string>; readonly toldWhole: ReadonlySet<number> },
): Promise<void> {
  const { backbone, policy, firstOp, targets } = options;
  const { general, subscriber } = targets;
  const compare = async ({ name }: Target, expected: AsyncIterable<ExpectedRow>, found: AsyncIterable<TargetRow>): Promise<void> => {
    for await (const { key, left, right } of joinSorted(expected, found))
      if (!unknown.has(key)) judges.equality.compare(name, key, left, right?.hash ?? null);
  };
  const ops = (): AsyncGenerator<Op> => lastOps(backbone.databases.population, firstOp, [...toldWhole]);
  await compare(general, expectedRows(ops(), 'rowHash'), targetRows(general.url, 'g01.population_resident', 'truc_row', firstOp));
  const { contract } = checkedContract(policy);
  // One code stands under one province at a time, so that a subscriber's rows are told apart by their codes.
  if (contract !== null) {
    const rows = targetRows(subscriber.url, `shared.${contract.target.table}`, 'truc_code', firstOp);
    await compare(subscriber, joinedByCode(expectedRows(ops(), 'viewHash')), rows);
  }
  for (const [{ name, url }, isPrivateAllowed] of [
    [general, true],
    [subscriber, false],
  ] as const) {
    for await (const found of searchedRows(url, { isPrivateAllowed })) judges.bytes(name, { ...found, where: `${found.where} of ${name}` });
  }
  if (options.isAlone) await reconcileAll(options, judges);
  else judges.equality.uncompared();
  for (const target of Object.values(targets)) for await (const change of auditedChanges(target)) judges.monotony.add(change);
}

/** Every row, those of the demo included, as the backbone's own reconciliation compares them: beside the checker's own oracle, not in its place. */
async function reconcileAll({ backbone, policy, targets }: JudgementOptions, { equality }: Judges): Promise<void> {
  const { databases } = backbone;
  const { datasets, contracts, forbidden } = await reconcile({
    policy,
    sources: { population: databases.population, administrative: databases.administrative },
    generalDatabaseUrl: targets.general.url,
    targets: { [subscribedDatabase]: targets.subscriber.url },
    viewSecret: backbone.viewSecret,
  });
  for (const { dataset, source, quarantined, equal } of datasets)
    equality.reconciled(`source and general database of ${dataset} (${quarantined} rows refused)`, source.rows, equal);
  for (const { contract, source, equal } of contracts) equality.reconciled(`source and subscriber of ${contract}`, source.rows, equal);
  for (const { database, unexpected } of forbidden) {
    for (const column of unexpected)
      if (!column.startsWith(ownColumns)) equality.forbidden(`the column ${column}, which no contract names,`, database);
  }
}

interface ExpectedRow {
  readonly key: string;
  readonly hash: string;
  readonly opId: number;
}

async function* expectedRows(ops: AsyncIterable<Op>, hash: 'rowHash' | 'viewHash'): AsyncGenerator<ExpectedRow> {
  for await (const op of ops) {
    const expected = op[hash];
    if (expected !== null) yield { key: op.key, hash: expected, opId: op.opId };
  }
}

async function* joinedByCode(rows: AsyncIterable<ExpectedRow>): AsyncGenerator<ExpectedRow> {
  for await (const row of rows) {
    const code = (JSON.parse(row.key) as [string, string])[0];
    if (isCheckerCode(code)) yield { ...row, key: code };
  }
}
