import { createHash } from 'node:crypto';
import { namespaceOfTopic, viewValueSchema } from '@truc/change-event';
import { maskedTypesOf, rowSchema, type DictionaryRelease, type FieldPolicy, type ValueMask } from '@truc/dictionary';
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

/** What a contract may see of a dataset. */
export interface ViewScope {
  /** URNs of elements. */
  readonly elements: readonly string[];
  /** By element; of those that are named. */
  readonly masks?: Readonly<Record<string, ValueMask>> | undefined;
  /** Name of the key of hashes: whose they are. */
  readonly maskKey: string;
}

/**
 * The id of a view: the first 128 bits, in hexadecimal, of the SHA-256 over dataset, generation and elements in canonical order, with what is masked, and under whose key where there
 * are hashes. Agencies whose contracts have the same scope share the view and its topic; a hash makes it one agency's own.
 */
export function viewId(dataset: Pick<ViewedDataset, 'name' | 'generation'>, { elements, masks = {}, maskKey }: ViewScope): string {
  const masked = Object.entries(masks).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const scope = JSON.stringify({
    dataset: dataset.name,
    generation: dataset.generation,
    elements: [...new Set(elements)].sort(),
    ...(masked.length === 0 ? {} : { masks: masked }),
    ...(hasHash(masks) ? { maskKey } : {}),
  });
  return createHash('sha256').update(scope).digest('hex').slice(0, 32);
}

function hasHash(masks: Readonly<Record<string, ValueMask>>): boolean {
  return Object.values(masks).includes('hash');
}

/**
 * Compiles the scope of a contract into a view: the dataset's fields of the named elements in the dataset's order, and the schema of its topic, in which a masked field has the type that
 * the mask derives from its value domain.
 * @throws TrucError CONTRACT_ELEMENT_UNKNOWN when the dataset lacks one of the elements, CONTRACT_EMPTY; DICTIONARY_MASK_UNFIT
 */
export function compileView(dataset: ViewedDataset, scope: ViewScope, release: DictionaryRelease): ViewPolicy {
  const named = new Set(scope.elements);
  const maskOf = ({ element }: FieldPolicy): ValueMask | undefined => scope.masks?.[element];
  const fields = dataset.fields
    .filter((field) => named.has(field.element))
    .map((field): FieldPolicy => (maskOf(field) === undefined ? field : { ...field, protection: 'masked' }));
  const masks = Object.fromEntries(fields.flatMap((field) => (maskOf(field) === undefined ? [] : [[field.name, maskOf(field)!]])));
  const missing = [...named].filter((element) => !fields.some((field) => field.element === element));
  if (missing.length > 0) throw new TrucError('CONTRACT_ELEMENT_UNKNOWN', `dataset ${dataset.name} has no ${missing.join(', ')}`);
  if (fields.length === 0) throw new TrucError('CONTRACT_EMPTY', `the contract names no element of ${dataset.name}`);
  const isInClear = (name: string): boolean => fields.some((field) => field.name === name) && masks[name] === undefined;
  // A key tells its scheme, not the field that its code is of: of two fields of one scheme the contract has to name both.
  const codes = [{ field: dataset.codeField, scheme: dataset.scheme }, ...(dataset.otherCodes ?? [])];
  const isSchemeInClear = (scheme: string): boolean => codes.every((code) => code.scheme !== scheme || isInClear(code.field));
  const id = viewId(dataset, scope);
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
    codeInClear: isSchemeInClear(dataset.scheme),
    ...(dataset.otherCodes === undefined
      ? {}
      : { otherCodes: dataset.otherCodes.map(({ field, scheme }) => ({ field, scheme, inClear: isSchemeInClear(scheme) })) }),
    fields,
    ...(Object.keys(masks).length === 0 ? {} : { masks }),
    ...(hasHash(masks) ? { maskKey: scope.maskKey } : {}),
    valueSchema: viewValueSchema(
      topic,
      rowSchema({ namespace: namespaceOfTopic(topic), name: 'Row', fields, release, maskedTypes: maskedTypesOf(fields, masks, release) }),
    ),
  };
}
