import { compileProjection, type ContractPolicy, type ViewPolicy } from '@truc/contracts';
import type { DatasetPolicy, PolicyEntry } from '@truc/coordination';
import type { DictionaryRelease } from '@truc/dictionary';
import { agencySlug } from '@truc/kernel';
import type { MappedKey, TablePolicy } from '@truc/mapping';
import { releaseOfPolicy } from './first-start.js';
import { sourceFingerprint, tableOfSchema, type RowSet } from './source-fingerprint.js';
import { keyText, targetFingerprint, unexpectedColumns } from './target-fingerprint.js';

export interface DatasetVerdict {
  readonly dataset: string;
  /** Rows of the source that keep every rule. */
  readonly source: RowSet;
  readonly generalDatabase: RowSet;
  /** Rows of the source that break a rule; they are in neither of the two sets. */
  readonly quarantined: number;
  /** Of these, rows whose last good version stands in the general database. */
  readonly stale: number;
  readonly equal: boolean;
}

export interface ContractVerdict {
  readonly contract: string;
  readonly consumer: string;
  readonly dataset: string;
  /** The same rows, with what the contract names and no more. */
  readonly source: RowSet;
  readonly subscriber: RowSet;
  readonly stale: number;
  readonly equal: boolean;
}

export interface ForbiddenVerdict {
  readonly database: string;
  /** Columns that no contract names, as `schema.table.column`. */
  readonly unexpected: readonly string[];
}

export interface Reconciliation {
  readonly verdict: 'equal' | 'different';
  readonly datasets: readonly DatasetVerdict[];
  readonly contracts: readonly ContractVerdict[];
  readonly forbidden: readonly ForbiddenVerdict[];
}

export interface ReconcileOptions {
  /** What was published while the platform ran. */
  readonly policy: readonly PolicyEntry[];
  /** Address of a captured database, by the name that its source document uses. */
  readonly sources: Readonly<Record<string, string>>;
  readonly generalDatabaseUrl: string;
  /** Addresses of subscribers' databases, by the name that contracts use. */
  readonly targets: Readonly<Record<string, string>>;
  /** The distributor's root secret, from which a view's keys are made. */
  readonly viewSecret: string;
}

interface Plan {
  readonly options: ReconcileOptions;
  readonly release: DictionaryRelease;
  readonly contracts: readonly { readonly contract: ContractPolicy; readonly view: ViewPolicy }[];
}

/**
 * Compares, by hash, what each source holds with what the general database and the subscribers hold. Needs the databases only, and that nothing moves any more.
 * @throws TrucError where a database cannot be read
 */
export async function reconcile(options: ReconcileOptions): Promise<Reconciliation> {
  const { policy } = options;
  const views = new Map(policy.flatMap((entry) => (entry.kind === 'view' ? [[entry.id, entry] as const] : [])));
  const contracts = policy.flatMap((contract) => {
    const view = contract.kind === 'contract' ? views.get(contract.viewId) : undefined;
    return contract.kind === 'contract' && view !== undefined ? [{ contract, view }] : [];
  });
  const plan: Plan = { options, release: releaseOfPolicy(policy), contracts };
  const datasetVerdicts: DatasetVerdict[] = [];
  const contractVerdicts: ContractVerdict[] = [];
  for (const source of policy) {
    if (source.kind !== 'source') continue;
    const url = options.sources[source.database];
    for (const table of source.tables) {
      const dataset = policy.find((entry) => entry.kind === 'dataset' && entry.name === table.dataset);
      if (url === undefined || dataset?.kind !== 'dataset') continue;
      const { own, subscribers } = await reconcileTable(url, table, dataset, plan);
      datasetVerdicts.push(own);
      contractVerdicts.push(...subscribers);
    }
  }
  const forbidden = await forbiddenOf(plan);
  const isEqual =
    datasetVerdicts.length > 0 &&
    [...datasetVerdicts, ...contractVerdicts].every(({ equal }) => equal) &&
    forbidden.every(({ unexpected }) => unexpected.length === 0);
  return { verdict: isEqual ? 'equal' : 'different', datasets: datasetVerdicts, contracts: contractVerdicts, forbidden };
}

async function reconcileTable(
  url: string,
  table: TablePolicy,
  dataset: DatasetPolicy,
  plan: Plan,
): Promise<{ own: DatasetVerdict; subscribers: ContractVerdict[] }> {
  const mine = plan.contracts.filter(({ view }) => view.dataset === dataset.name && view.generation === dataset.generation);
  const views = [...new Map(mine.map(({ view }) => [view.id, view])).values()];
  const source = await sourceFingerprint(url, table, dataset, views, plan.release);
  const keys = source.held.flatMap(keyOf);
  const general = await targetFingerprint(
    plan.options.generalDatabaseUrl,
    tableOfSchema(dataset.valueSchema, generalTable(dataset)),
    new Set(keys.map(keyText)),
  );
  const own: DatasetVerdict = {
    dataset: dataset.name,
    source: source.dataset,
    generalDatabase: { rows: general.rows, sha256: general.sha256 },
    quarantined: source.held.length,
    stale: general.stale,
    equal: isSame(source.dataset, general),
  };
  const subscribers: ContractVerdict[] = [];
  for (const { contract, view } of mine) {
    const target = plan.options.targets[contract.target.database];
    const expected = source.views.get(view.id);
    if (target === undefined || expected === undefined) continue;
    const projection = compileProjection(view, Buffer.from(plan.options.viewSecret));
    const held = new Set(keys.map((key) => keyText(projection.key(key))));
    const found = await targetFingerprint(target, tableOfSchema(view.valueSchema, subscriberTable(contract)), held);
    subscribers.push({
      contract: contract.name,
      consumer: contract.consumer,
      dataset: dataset.name,
      source: expected,
      subscriber: { rows: found.rows, sha256: found.sha256 },
      stale: found.stale,
      equal: isSame(expected, found),
    });
  }
  return { own, subscribers };
}

async function forbiddenOf({ options, contracts }: Plan): Promise<ForbiddenVerdict[]> {
  const verdicts: ForbiddenVerdict[] = [];
  for (const [database, url] of Object.entries(options.targets)) {
    const allowed = contracts
      .filter(({ contract }) => contract.target.database === database)
      .map(({ contract, view }) => tableOfSchema(view.valueSchema, subscriberTable(contract)));
    verdicts.push({ database, unexpected: await unexpectedColumns(url, allowed) });
  }
  return verdicts;
}

/** The key under which a held row was published, if it ever was. */
function keyOf({ scheme, code, rowKey }: MappedKey): { scheme: string; code: string; row: string }[] {
  return code === null ? [] : [{ scheme, code, row: rowKey }];
}

function generalTable({ agency, name, generation }: DatasetPolicy): { schema: string; name: string } {
  const table = name.replaceAll(/[.-]/g, '_');
  return { schema: agencySlug(agency).replaceAll('-', '_'), name: generation === 1 ? table : `${table}_v${generation}` };
}

function subscriberTable({ target }: ContractPolicy): { schema: string; name: string } {
  return { schema: 'shared', name: target.table };
}

function isSame(a: RowSet, b: RowSet): boolean {
  return a.rows === b.rows && a.sha256 === b.sha256;
}
