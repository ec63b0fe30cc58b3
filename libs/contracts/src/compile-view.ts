import { createHash } from 'node:crypto';
import { namespaceOfTopic, viewValueSchema } from '@truc/change-event';
import { rowSchema, type DictionaryRelease, type FieldPolicy } from '@truc/dictionary';
import { TrucError } from '@truc/kernel';
import type { ViewPolicy } from './view-policy.js';

/** What a view is cut from. */
export interface ViewedDataset {
  readonly name: string;
  readonly generation: number;
  readonly topic: string;
  readonly partitions: number;
  readonly scheme: string;
  readonly codeField: string;
  readonly otherCodes?: readonly { readonly field: string; readonly scheme: string }[] | undefined;
  readonly fields: readonly FieldPolicy[];
}

/**
 * The id of a view: the first 128 bits, in hexadecimal, of the SHA-256 over dataset, generation and elements in canonical order.
 * Agencies whose contracts have the same scope share the view and its topic.
 */
export function viewId(dataset: Pick<ViewedDataset, 'name' | 'generation'>, elements: readonly string[]): string {
  const scope = JSON.stringify({ dataset: dataset.name, generation: dataset.generation, elements: [...new Set(elements)].sort() });
  return createHash('sha256').update(scope).digest('hex').slice(0, 32);
}

/**
 * Compiles the scope of a contract into a view: the dataset's fields of the named elements in the dataset's order, and the schema of its topic.
 * @throws TrucError CONTRACT_ELEMENT_UNKNOWN when the dataset lacks one of the elements, CONTRACT_EMPTY
 */
export function compileView(dataset: ViewedDataset, elements: readonly string[], release: DictionaryRelease): ViewPolicy {
  const named = new Set(elements);
  const fields = dataset.fields.filter((field) => named.has(field.element));
  const missing = [...named].filter((element) => !fields.some((field) => field.element === element));
  if (missing.length > 0) throw new TrucError('CONTRACT_ELEMENT_UNKNOWN', `dataset ${dataset.name} has no ${missing.join(', ')}`);
  if (fields.length === 0) throw new TrucError('CONTRACT_EMPTY', `the contract names no element of ${dataset.name}`);
  const isNamed = (name: string): boolean => fields.some((field) => field.name === name);
  const id = viewId(dataset, elements);
  const topic = `view.${id}`;
  return {
    kind: 'view',
    id,
    topic,
    dataset: dataset.name,
    generation: dataset.generation,
    datasetTopic: dataset.topic,
    partitions: dataset.partitions,
    scheme: dataset.scheme,
    codeField: dataset.codeField,
    codeInClear: isNamed(dataset.codeField),
    ...(dataset.otherCodes === undefined
      ? {}
      : { otherCodes: dataset.otherCodes.map(({ field, scheme }) => ({ field, scheme, inClear: isNamed(field) })) }),
    fields,
    valueSchema: viewValueSchema(topic, rowSchema({ namespace: namespaceOfTopic(topic), name: 'Row', fields, release })),
  };
}
