import { isDeepStrictEqual } from 'node:util';
import type { Document } from '@truc/coordination';

/** One value of a document that differs. */
export interface FieldChange {
  /** Where, for people: `['table dancu.cong_dan', 'column ho_ten', 'transform']`. */
  readonly place: readonly string[];
  readonly kind: 'added' | 'removed' | 'changed';
  /** null where there was nothing. */
  readonly before: unknown;
  readonly after: unknown;
}

/** A document of the files that is not applied as it stands there. */
export interface DocumentChange {
  /** `source/G01/population`. */
  readonly document: string;
  readonly kind: 'created' | 'changed';
  readonly fields: readonly FieldChange[];
}

export function documentKey({ kind, name }: Pick<Document, 'kind' | 'name'>): string {
  return `${kind}/${name}`;
}

/** What the files hold otherwise than what was applied, in the order of the files. Documents that are only applied stay. */
export function documentChanges(applied: readonly Document[], files: readonly Document[]): DocumentChange[] {
  const before = new Map(applied.map((document) => [documentKey(document), document]));
  return files.flatMap((document): DocumentChange[] => {
    const key = documentKey(document);
    const old = before.get(key);
    if (old === undefined) return [{ document: key, kind: 'created', fields: [] }];
    const fields = valueChanges([], plain(contentOf(old)), plain(contentOf(document)));
    return fields.length === 0 ? [] : [{ document: key, kind: 'changed', fields }];
  });
}

/** Without the one key that only says the kind. */
function contentOf({ kind, body }: Document): unknown {
  return kind === 'source' ? body : (body as unknown as Record<string, unknown>)[kind];
}

/** Lists of things that have names of their own: what tells one from another, and what it is called. */
const named: Readonly<Record<string, { readonly key: string; readonly noun: string }>> = {
  tables: { key: 'table', noun: 'table' },
  columns: { key: 'column', noun: 'column' },
};

function valueChanges(place: readonly string[], before: unknown, after: unknown): FieldChange[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (isObject(before) && isObject(after)) {
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) => {
      const [old, next] = [before[name] ?? null, after[name] ?? null];
      const list = named[name];
      return list !== undefined && isObjects(old) && isObjects(next)
        ? namedChanges(place, list, old, next)
        : valueChanges([...place, name], old, next);
    });
  }
  if (isTexts(before) && isTexts(after)) return setChanges(place, before, after);
  return [{ place, kind: before === null ? 'added' : after === null ? 'removed' : 'changed', before, after }];
}

function namedChanges(
  place: readonly string[],
  { key, noun }: { readonly key: string; readonly noun: string },
  before: readonly Record<string, unknown>[],
  after: readonly Record<string, unknown>[],
): FieldChange[] {
  const [old, next] = [byKey(before, key), byKey(after, key)];
  return [...new Set([...old.keys(), ...next.keys()])].flatMap((name) => {
    const at = [...place, `${noun} ${name}`];
    const [was, is] = [old.get(name) ?? null, next.get(name) ?? null];
    if (was === null || is === null) return [{ place: at, kind: was === null ? 'added' : 'removed', before: was, after: is } as const];
    return valueChanges(at, was, is);
  });
}

/** Order says nothing, but where only the order differs that is the change. */
function setChanges(place: readonly string[], before: readonly string[], after: readonly string[]): FieldChange[] {
  const removed = before.filter((text) => !after.includes(text));
  const added = after.filter((text) => !before.includes(text));
  if (removed.length + added.length === 0) return [{ place, kind: 'changed', before, after }];
  return [
    ...removed.map((text) => ({ place, kind: 'removed' as const, before: text, after: null })),
    ...added.map((text) => ({ place, kind: 'added' as const, before: null, after: text })),
  ];
}

/** Where two of a list have one name, each of the later ones is another thing: `dia_chi`, `dia_chi (2)`. */
function byKey(list: readonly Record<string, unknown>[], key: string): Map<string, Record<string, unknown>> {
  const found = new Map<string, Record<string, unknown>>();
  for (const entry of list) {
    const name = String(entry[key]);
    let place = name;
    for (let count = 2; found.has(place); count += 1) place = `${name} (${count})`;
    found.set(place, entry);
  }
  return found;
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function isObjects(value: unknown): value is readonly Record<string, unknown>[] {
  return Array.isArray(value) && value.every(isObject);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string');
}
