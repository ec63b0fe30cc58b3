import { z } from 'zod';
import { nearestName } from './nearest-name.js';
import { problemCatalogue, typeNames, type ProblemCode } from './problem-catalogue.js';
import type { ProblemList } from './problem.js';
import type { Path, YamlText } from './yaml-text.js';

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value === 'bigint' ? 'number' : typeof value;
}

function valueAt(value: unknown, path: Path): unknown {
  let found = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined;
    found = (found as Record<PropertyKey, unknown>)[step];
  }
  return found;
}

/** The fields that the shape knows at `path`; empty where it is no block of fields. */
function fieldsAt(shape: z.ZodType, path: Path): string[] {
  let at: unknown = shape;
  for (const step of [...path, null]) {
    while (at instanceof z.ZodNullable || at instanceof z.ZodOptional || at instanceof z.ZodDefault) at = at.unwrap();
    if (step === null) break;
    if (at instanceof z.ZodObject) at = at.shape[String(step)];
    else if (at instanceof z.ZodArray) at = at.element;
    else return [];
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

const vietnamese = z.locales.vi().localeError;

/** Judges a document by its shape; every departure from it becomes a problem at its place. @returns whether it fits */
export function checkShape(shape: z.ZodType, text: YamlText, problems: ProblemList): boolean {
  const result = shape.safeParse(text.value, problems.language === 'vi' ? { error: vietnamese } : undefined);
  if (!result.success) for (const issue of result.error.issues) addIssue(issue, shape, text, problems);
  return result.success;
}

function addIssue(issue: z.core.$ZodIssue, shape: z.ZodType, text: YamlText, problems: ProblemList): void {
  if (problems.isFull && issue.code !== 'unrecognized_keys') {
    problems.add(text.place([]), 'DOCUMENT_VALUE');
    return;
  }
  const field = String(issue.path.at(-1) ?? '');
  const found = valueAt(text.value, issue.path);
  if (issue.code === 'unrecognized_keys') {
    const known = fieldsAt(shape, issue.path);
    for (const key of issue.keys) {
      if (problems.isFull) {
        problems.add(text.place([]), 'DOCUMENT_FIELD_UNKNOWN');
        continue;
      }
      const nearest = nearestName(key, known);
      const values = { field: key, known: known.join(', '), nearest: nearest === null ? '' : `"${nearest}"? ` };
      problems.add(text.place([...issue.path, key], 'key'), 'DOCUMENT_FIELD_UNKNOWN', values);
    }
    return;
  }
  const place = text.place(issue.path);
  if (found === undefined) {
    problems.add(place, 'DOCUMENT_FIELD_MISSING', { field });
    return;
  }
  if (issue.code === 'invalid_type') {
    const nameOf = (type: string): string => typeNames[type]?.[problems.language] ?? type;
    const type = typeOf(found);
    if (issue.expected === 'string' && (type === 'number' || type === 'boolean')) {
      problems.add(place, 'DOCUMENT_TYPE_TEXT', { field, found: String(found), type: nameOf(type) });
    } else problems.add(place, 'DOCUMENT_TYPE', { field, expected: nameOf(issue.expected) });
    return;
  }
  if (Object.hasOwn(problemCatalogue, issue.message)) {
    problems.add(place, issue.message as ProblemCode, { field, found: String(found) });
    return;
  }
  problems.add(place, 'DOCUMENT_VALUE', { field, reason: issue.message });
}
