import { RegistryRefusal } from '@truc/registry';
import type { Page, Shown } from '@truc/registry-store';

/** What stands behind the `?`: a name that is there several times has several values. */
export type QueryParameters = Readonly<Record<string, unknown>>;

/** How many schemas a list holds at most; other lists are as long as they are. */
const schemasMax = 1_000;
const int32Max = 2 ** 31 - 1;

/** The first value of a name; empty where there is none. */
export function first(query: QueryParameters, name: string): string {
  return all(query, name)[0] ?? '';
}

export function all(query: QueryParameters, name: string): string[] {
  const value = query[name];
  return (Array.isArray(value) ? value : [value]).filter((each) => typeof each === 'string');
}

/** `?deleted=true`; anything else is false. */
export function flag(query: QueryParameters, name: string): boolean {
  return first(query, name).toLowerCase() === 'true';
}

/** Offset and limit of a list. A limit that is none, or beyond the longest, means the longest; an offset before the beginning means the beginning. @throws RegistryRefusal notFound: not a number */
export function page(query: QueryParameters, kind: 'schemas' | 'names'): Page {
  const max = kind === 'schemas' ? schemasMax : int32Max;
  const limit = number(query, 'limit') ?? -1;
  return { offset: Math.max(0, number(query, 'offset') ?? 0), limit: limit > 0 && limit <= max ? limit : max };
}

/** Which versions are asked for: `deletedOnly` goes before `deleted`. */
export function shown(query: QueryParameters): Shown {
  return flag(query, 'deletedOnly') ? 'deleted' : flag(query, 'deleted') ? 'all' : 'live';
}

const lifecycles = ['NONE', 'STRONG', 'WEAK'];

/** Whether a list is asked for that holds what is associated with something alone: nothing is, here. @throws RegistryRefusal notFound: no lifecycle */
export function isForAssociations(query: QueryParameters): boolean {
  const asked = all(query, 'lifecycle');
  if (asked.some((each) => !lifecycles.includes(each))) throw notFound();
  return !asked.includes('NONE') && (asked.length > 0 || ['resourceType', 'associationType'].some((name) => query[name] !== undefined));
}

/** An id in a path. What is no number is no resource, as Confluent's registry answers it. @throws RegistryRefusal notFound */
export function parseId(text: string): number {
  const id = int32(text);
  if (id !== null) return id;
  throw notFound();
}

function number(query: QueryParameters, name: string): number | null {
  const text = first(query, name);
  if (text === '') return null;
  const value = int32(text);
  if (value === null) throw notFound();
  return value;
}

function int32(text: string): number | null {
  const value = /^[+-]?[0-9]{1,10}$/.test(text) ? Number(text) : NaN;
  return value >= -int32Max - 1 && value <= int32Max ? value : null;
}

export function notFound(): RegistryRefusal {
  return new RegistryRefusal('notFound', 'HTTP 404 Not Found');
}
