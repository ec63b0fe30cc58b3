import { datasetOf, topicNames, type ContractDocument, type Document, type SourceDocument, type TableDocument } from '@truc/coordination';
import type { DocumentChange, FieldChange } from './document-change.js';

type Dataset = Extract<Document, { kind: 'dataset' }>['body']['dataset'];
type Contract = ContractDocument['contract'];

/** What applying means for those who run and use the backbone. */
export type ChangeEffect =
  /** A table is read whole. `again`: it was read before, under other terms, which needs a new dataset or generation. */
  | { readonly kind: 'snapshot'; readonly dataset: string; readonly table: string; readonly again: boolean }
  | { readonly kind: 'topic'; readonly dataset: string; readonly topic: string; readonly partitions: number }
  | { readonly kind: 'generation'; readonly dataset: string; readonly from: string; readonly to: string }
  /** Rows that come from now on are judged otherwise, and what is held back is judged again. */
  | { readonly kind: 'judgement'; readonly dataset: string }
  | {
      readonly kind: 'contract';
      readonly contract: string;
      readonly consumer: string;
      readonly dataset: string;
      readonly what: ContractEffect;
    }
  /** Nothing of any row changes: titles, remarks, columns that stay at home. */
  | { readonly kind: 'description' };

type ContractEffect =
  /** Its view is filled from the log; the source is not asked. */
  | 'begins'
  /** Its days change: its consumer may read from then, until then. */
  | 'days'
  /** Its scope or target changes, which an applied contract cannot. */
  | 'scope'
  /** Rows of its dataset come again, or come otherwise. */
  | 'touched';

/** @param applied everything that holds now @param files the documents of the files, which hold afterwards */
export function changeEffects(change: DocumentChange, applied: readonly Document[], files: readonly Document[]): ChangeEffect[] {
  const [old, next] = [named(applied, change.document), named(files, change.document)];
  if (next === undefined) return [];
  const all = [...files, ...applied.filter((document) => named(files, keyOf(document)) === undefined)];
  switch (next.kind) {
    case 'agency':
      return change.fields.some(isIn('scope')) ? judgements(all, ({ agency }) => agency === next.name) : described(change);
    case 'dataset':
      return datasetEffects(change, old?.kind === 'dataset' ? old.body.dataset : null, next.body.dataset, all);
    case 'source':
      return sourceEffects(change, old?.kind === 'source' ? old.body : null, next.body, all);
    case 'contract':
      return contractEffects(change, next.body.contract);
  }
}

function datasetEffects(change: DocumentChange, old: Dataset | null, next: Dataset, all: readonly Document[]): ChangeEffect[] {
  const { name: dataset, agency, generation, partitions } = next;
  const topic = topicNames.data(agency, dataset, generation);
  if (old === null) return [{ kind: 'topic', dataset, topic, partitions }];
  const before = topicNames.data(old.agency, dataset, old.generation);
  const effects: ChangeEffect[] = [];
  if (before !== topic) {
    effects.push({ kind: 'generation', dataset, from: before, to: topic }, { kind: 'topic', dataset, topic, partitions });
    effects.push(...tablesOf(all, dataset).map((table) => ({ kind: 'snapshot', dataset, table, again: true }) as const));
    effects.push(...touched(all, dataset));
  } else if (old.partitions !== partitions) {
    effects.push({ kind: 'generation', dataset, from: before, to: topic }, ...touched(all, dataset));
  }
  if (change.fields.some((field) => ['rules', 'scopeElement', 'oneRowPerCode'].some((name) => isIn(name)(field))))
    effects.push({ kind: 'judgement', dataset });
  return effects.length === 0 ? described(change) : effects;
}

function sourceEffects(
  { fields }: DocumentChange,
  old: SourceDocument | null,
  next: SourceDocument,
  all: readonly Document[],
): ChangeEffect[] {
  const before = new Map((old?.tables ?? []).filter(({ publish }) => publish).map((table) => [table.subject, table]));
  const after = next.tables.filter(({ publish }) => publish);
  const effects = after.flatMap((table): ChangeEffect[] => {
    const dataset = datasetOf(next, table);
    const earlier = before.get(table.subject);
    if (earlier === undefined) return [{ kind: 'snapshot', dataset, table: table.table, again: false }];
    if (publishedFacts(earlier) === publishedFacts(table)) return [];
    return [{ kind: 'snapshot', dataset, table: table.table, again: true }, ...touched(all, dataset)];
  });
  const left = [...before.values()].filter(({ subject }) => !after.some((table) => table.subject === subject));
  effects.push(...left.flatMap((table) => touched(all, datasetOf(next, table))));
  return effects.length === 0 && fields.length > 0 ? [{ kind: 'description' }] : effects;
}

/** Everything of a table that the values of its rows depend on. */
function publishedFacts({ table, primaryKey, identification, referenceDate, columns }: TableDocument): string {
  const published = columns.flatMap(({ column, element, transform, protection, required }) =>
    element === null ? [] : [[element, column, transform, protection, required ?? false]],
  );
  return JSON.stringify([
    table,
    primaryKey,
    identification,
    referenceDate ?? null,
    published.toSorted((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1)),
  ]);
}

function contractEffects(change: DocumentChange, { name, consumer, dataset }: Contract): ChangeEffect[] {
  const effect = (what: ContractEffect): ChangeEffect => ({ kind: 'contract', contract: name, consumer, dataset, what });
  if (change.kind === 'created') return [effect('begins')];
  const effects: ChangeEffect[] = [];
  const scope = ['elements', 'target', 'dataset', 'consumer', 'generation'];
  if (change.fields.some((field) => scope.some((part) => isIn(part)(field)))) effects.push(effect('scope'));
  if (change.fields.some((field) => isIn('validFrom')(field) || isIn('validTo')(field))) effects.push(effect('days'));
  return effects.length === 0 ? described(change) : effects;
}

function touched(all: readonly Document[], dataset: string): ChangeEffect[] {
  return all.flatMap((document): ChangeEffect[] => {
    if (document.kind !== 'contract' || document.body.contract.dataset !== dataset) return [];
    const { name, consumer } = document.body.contract;
    return [{ kind: 'contract', contract: name, consumer, dataset, what: 'touched' }];
  });
}

function judgements(all: readonly Document[], isMeant: (dataset: Dataset) => boolean): ChangeEffect[] {
  const meant = all.flatMap((document) => (document.kind === 'dataset' && isMeant(document.body.dataset) ? [document.name] : []));
  return meant.map((dataset) => ({ kind: 'judgement', dataset }));
}

function tablesOf(all: readonly Document[], dataset: string): string[] {
  return all.flatMap((document) =>
    document.kind !== 'source'
      ? []
      : document.body.tables.filter((table) => table.publish && datasetOf(document.body, table) === dataset).map(({ table }) => table),
  );
}

function described({ kind }: DocumentChange): ChangeEffect[] {
  return kind === 'created' ? [] : [{ kind: 'description' }];
}

function isIn(name: string): (field: FieldChange) => boolean {
  return ({ place }) => place[0] === name;
}

function keyOf({ kind, name }: Document): string {
  return `${kind}/${name}`;
}

function named(documents: readonly Document[], key: string): Document | undefined {
  return documents.find((document) => keyOf(document) === key);
}
