import { createHash } from 'node:crypto';
import { codeListPartKey, definitionsKey, type DictionaryManifest, type PolicyEntry } from './policy.js';

/** What releases are made of. A part stands under a digest of what it holds: releases that agree in it refer to the same one. */
export type ReleasePart = Extract<PolicyEntry, { kind: 'definitions' | 'codelist' }>;

/** Kinds of all that a release is read from: its manifest and the parts. */
export const releaseEntryKinds = ['dictionary', 'definitions', 'codelist'] as const satisfies readonly PolicyEntry['kind'][];

/** The first 128 bits of SHA-256 over the JSON of a part's items; the JSON is the same after it was read. */
export function digestOfItems(items: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(items)).digest('hex').slice(0, 32);
}

/** Whether a part stands under the digest of what it holds; of other entries there is nothing to say. */
export function hasOwnDigest(entry: PolicyEntry): boolean {
  switch (entry.kind) {
    case 'definitions':
      return digestOfItems(entry.definitions) === entry.digest;
    case 'codelist':
      return digestOfItems(entry.entries) === entry.digest;
    default:
      return true;
  }
}

/** Keys of everything that a manifest refers to. */
export function partKeysOf({ elements, valueDomains, codeLists }: DictionaryManifest): string[] {
  return [
    ...[...elements, ...valueDomains].map(definitionsKey),
    ...codeLists.flatMap(({ id, parts }) => parts.map((digest) => codeListPartKey(id, digest))),
  ];
}
