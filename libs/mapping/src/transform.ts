import { TrucError } from '@truc/kernel';
import { z } from 'zod';

const column = z.string().min(1);
const text = z.string().max(1000);

/** Every operation of a mapping, with its settings. The list is closed: a mapping is data that others must be able to read, not a program. */
const operations = [
  z.strictObject({ op: z.literal('nfc') }),
  z.strictObject({ op: z.literal('trim') }),
  z.strictObject({ op: z.literal('toString') }),
  z.strictObject({ op: z.literal('toInt') }),
  z.strictObject({ op: z.literal('digitsOnly') }),
  z.strictObject({ op: z.literal('first') }),
  z.strictObject({ op: z.literal('each') }),
  z.strictObject({ op: z.literal('pointX') }),
  z.strictObject({ op: z.literal('pointY') }),
  z.strictObject({
    op: z.literal('lpad'),
    length: z.int().min(1).max(1000),
    fill: z.string().regex(/^[^\uD800-\uDFFF]$/, 'one character'),
  }),
  z.strictObject({ op: z.literal('map'), values: z.record(text, text.nullable()), otherwise: z.enum(['keep', 'error']).optional() }),
  z.strictObject({ op: z.literal('localDate'), zone: z.string().min(1) }),
  z.strictObject({
    op: z.literal('parseDate'),
    format: z.string().min(1).optional(),
    formats: z.array(z.string().min(1)).min(1).max(8).optional(),
    nullWhen: z.array(text).optional(),
  }),
  z.strictObject({ op: z.literal('jsonPath'), path: z.string().min(1) }),
  z.strictObject({ op: z.literal('scale'), scale: z.int().min(0).max(38), rounding: z.enum(['exact', 'halfUp', 'down']).optional() }),
  z.strictObject({ op: z.literal('when'), column, in: z.array(text).min(1) }),
  z.strictObject({ op: z.literal('format'), pattern: z.string().min(1).max(1000) }),
] as const;

/** Names of the operations that a mapping may use. */
export const transformOps: readonly string[] = operations.map((operation) => operation.shape.op.value);

const operation = z.discriminatedUnion('op', operations, {
  error: (issue) => {
    const op = issue.input !== null && typeof issue.input === 'object' && 'op' in issue.input ? issue.input.op : undefined;
    return typeof op === 'string' && !transformOps.includes(op)
      ? `there is no operation "${op}"; known are ${transformOps.join(', ')}`
      : `a transform is written as {op: <name>, ...} with one of ${transformOps.join(', ')}`;
  },
});
export type Operation = z.infer<typeof operation>;

/** The strict shape of `transform` in a mapping: one operation or a list of them, done in order. */
export const transform = z.union([operation.transform((one) => [one]), z.array(operation).min(1).max(8)]);

/**
 * Reads a transform strictly; null is no operation.
 * @param where `table.column`, for the message
 * @throws TrucError MAPPING_TRANSFORM_INVALID naming every mistake
 */
export function parseTransform(value: unknown, where: string): readonly Operation[] {
  if (value === null) return [];
  const list = Array.isArray(value) ? value : [value];
  const result = z.array(operation).min(1).max(8).safeParse(list);
  if (!result.success) {
    const mistakes = result.error.issues.map((issue) => {
      const path = issue.path.slice(Array.isArray(value) ? 0 : 1).join('.');
      return path === '' ? issue.message : `${path}: ${issue.message}`;
    });
    throw new TrucError('MAPPING_TRANSFORM_INVALID', `${where}: the transform is not valid: ${mistakes.join('; ')}`);
  }
  for (const one of result.data) {
    if (one.op === 'parseDate' && (one.format === undefined) === (one.formats === undefined)) {
      throw new TrucError('MAPPING_TRANSFORM_INVALID', `${where}: parseDate takes format: <one> or formats: [<several>], and not both`);
    }
  }
  for (const one of result.data.slice(1)) {
    const why = mustBeFirst.get(one.op);
    if (why !== undefined) {
      throw new TrucError('MAPPING_TRANSFORM_INVALID', `${where}: ${one.op} ${why}, so it must be the first operation of the list`);
    }
  }
  return result.data;
}

const mustBeFirst: ReadonlyMap<Operation['op'], string> = new Map([
  ['format', 'makes a new text of whole columns'],
  ['each', 'takes an array column apart, and what follows is done to each member'],
]);

/** True where the field holds a list of values instead of one: the transform takes an array apart with `each`. Loose like the policy that it reads. */
export function isListTransform(value: unknown): boolean {
  const [head] = (Array.isArray(value) ? value : [value]) as unknown[];
  return typeof head === 'object' && head !== null && 'op' in head && head.op === 'each';
}
