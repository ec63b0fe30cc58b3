import { z } from 'zod';
import { plainText } from './plain-text.js';
import { RegistryRefusal } from './refusal.js';

/** Properties of a schema that its owner chooses. The registry keeps them, merges them with what its settings say, and hands them out. */
export interface Metadata {
  readonly tags: Readonly<Record<string, readonly string[]>>;
  readonly properties: Readonly<Record<string, string>>;
  /** Names of properties that are not to be shown around. */
  readonly sensitive: readonly string[];
}

/** The property under which the registry notes a schema's version, where a version was asked for. */
const versionProperty = 'confluent:version';
/** Names of fields that are kept free, with commas between them. */
const reservedProperty = 'confluent:reserved';

/** Most properties, most names of those that are not shown around, and most paths that tags are told of. */
const namesMax = 1_000;
/** Most tags of one path. */
const tagsMax = 100;
/** Most bytes of all of it: defaults and overrides of the settings are merged in. */
const bytesMax = 256 * 1024;

const shape = z.object({
  tags: z.record(plainText, z.array(plainText)).nullish(),
  properties: z.record(plainText, plainText).nullish(),
  sensitive: z.array(plainText).nullish(),
});

/** Reads metadata as clients send it: names in order, each once. */
export const metadataShape = shape.transform(({ tags, properties, sensitive }): Metadata => ({
  tags: inOrder(Object.entries(tags ?? {}).map(([name, values]) => [name, distinct(values)])),
  properties: inOrder(Object.entries(properties ?? {})),
  sensitive: distinct(sensitive ?? []),
}));

/** Metadata within their bounds, as they were sent or as merging made them. @throws RegistryRefusal invalidSchema */
export function boundedMetadata(metadata: Metadata): Metadata {
  const problem = excess(metadata);
  if (problem === null) return metadata;
  throw new RegistryRefusal('invalidSchema', `Invalid metadata: ${problem}`);
}

function excess(metadata: Metadata): string | null {
  const { tags, properties, sensitive } = metadata;
  const counts = { properties: Object.keys(properties).length, sensitive: sensitive.length, tags: Object.keys(tags).length };
  for (const [name, count] of Object.entries(counts)) if (count > namesMax) return `${name} are ${count}; there may be ${namesMax}`;
  const [path] = Object.entries(tags).find(([, values]) => values.length > tagsMax) ?? [];
  if (path !== undefined) return `'${path.slice(0, 80)}' has more than ${tagsMax} tags`;
  const bytes = Buffer.byteLength(JSON.stringify(metadata));
  return bytes > bytesMax ? `all of them together have ${bytes} bytes as JSON; they may have ${bytesMax}` : null;
}

/** What `over` says goes before what `under` says, name by name. */
export function mergeMetadata(under: Metadata | null, over: Metadata | null): Metadata | null {
  if (under === null || over === null) return over ?? under;
  return {
    tags: inOrder(Object.entries({ ...under.tags, ...over.tags })),
    properties: inOrder(Object.entries({ ...under.properties, ...over.properties })),
    sensitive: distinct([...under.sensitive, ...over.sensitive]),
  };
}

export function withVersion(metadata: Metadata | null, version: number): Metadata {
  const properties = { ...metadata?.properties, [versionProperty]: String(version) };
  return { tags: metadata?.tags ?? {}, properties: inOrder(Object.entries(properties)), sensitive: metadata?.sensitive ?? [] };
}

export function withoutVersion(metadata: Metadata): Metadata {
  const properties = Object.entries(metadata.properties).filter(([name]) => name !== versionProperty);
  return { ...metadata, properties: inOrder(properties) };
}

/** The version that the metadata notes; null where there is none. */
export function notedVersion(metadata: Metadata | null): number | null {
  const noted = metadata?.properties[versionProperty];
  return noted === undefined || !/^-?[0-9]{1,9}$/.test(noted) ? null : Number(noted);
}

export function hasNotedVersion(metadata: Metadata | null): boolean {
  return metadata?.properties[versionProperty] !== undefined;
}

export function reservedFields(metadata: Metadata | null): string[] {
  const names = metadata?.properties[reservedProperty]?.split(',') ?? [];
  return names.map((name) => name.trim()).filter((name) => name !== '');
}

/** In the shape of answers: what is empty is left out. */
export function metadataAnswer({ tags, properties, sensitive }: Metadata): object {
  return {
    ...(Object.keys(tags).length === 0 ? {} : { tags }),
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
    ...(sensitive.length === 0 ? {} : { sensitive }),
  };
}

/** The same with its keys in the one order that it is hashed in. */
export function orderedMetadata({ tags, properties, sensitive }: Metadata): Metadata {
  return { tags: inOrder(Object.entries(tags)), properties: inOrder(Object.entries(properties)), sensitive };
}

/** Everything that is told of it, in order: what a GUID is made of. */
export function metadataWords(metadata: Metadata): string {
  const { tags, properties, sensitive } = orderedMetadata(metadata);
  const told = [...Object.entries(tags).flatMap(([name, values]) => [name, ...values]), ...Object.entries(properties).flat(), ...sensitive];
  return told.join('');
}

function inOrder<T>(entries: readonly (readonly [string, T])[]): Record<string, T> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}
