import { TrucError, type Bilingual } from '@truc/kernel';
import { z } from 'zod';

const column = z.string().min(1);
const text = z.string().max(1000);
const oneCharacter = 'one character';

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
    fill: z.string().regex(/^[^\uD800-\uDFFF]$/, oneCharacter),
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
  const isList = Array.isArray(value);
  const list: unknown = isList ? value : [value];
  const result = operationList.safeParse(list);
  if (!result.success) {
    throw invalid(where, {
      en: `the transform is not valid: ${mistakesOf(result.error, isList)}`,
      vi: `phép biến đổi không hợp lệ: ${mistakesOf(operationList.safeParse(list, { error: vietnamese }).error, isList, inVietnamese)}`,
    });
  }
  for (const one of result.data) {
    if (one.op === 'parseDate' && (one.format === undefined) === (one.formats === undefined)) {
      throw invalid(where, {
        en: 'parseDate takes format: <one> or formats: [<several>], and not both',
        vi: 'parseDate nhận format: <một dạng> hoặc formats: [<nhiều dạng>], không nhận cả hai',
      });
    }
  }
  for (const one of result.data.slice(1)) {
    const why = mustBeFirst.get(one.op);
    if (why === undefined) continue;
    throw invalid(where, {
      en: `${one.op} ${why.en}, so it must be the first operation of the list`,
      vi: `${one.op} ${why.vi}, nên phải là phép đầu tiên của danh sách`,
    });
  }
  return result.data;
}

const mustBeFirst: ReadonlyMap<Operation['op'], Bilingual> = new Map([
  ['format', { en: 'makes a new text of whole columns', vi: 'tạo văn bản mới từ các cột' }],
  [
    'each',
    {
      en: 'takes an array column apart, and what follows is done to each member',
      vi: 'tách một cột mảng, các phép sau làm với từng phần tử',
    },
  ],
]);

const operationList = z.array(operation).min(1).max(8);
const vietnamese = z.locales.vi().localeError;

/** What is said in words of ours. */
function inVietnamese(issue: z.core.$ZodIssue): string {
  if (issue.message === oneCharacter) return 'một ký tự';
  if (issue.code !== 'invalid_union') return issue.message;
  return `phép biến đổi được ghi {op: <tên>, ...} với một trong các tên ${transformOps.join(', ')}`;
}

function mistakesOf(error: z.ZodError | undefined, isList: boolean, said = ({ message }: z.core.$ZodIssue): string => message): string {
  const mistakes = (error?.issues ?? []).map((issue) => {
    const path = issue.path.slice(isList ? 0 : 1).join('.');
    return path === '' ? said(issue) : `${path}: ${said(issue)}`;
  });
  return mistakes.join('; ');
}

function invalid(where: string, { en, vi }: Bilingual): TrucError {
  return new TrucError('MAPPING_TRANSFORM_INVALID', `${where}: ${en}`, { vi: `${where}: ${vi}` });
}

/** True where the field holds a list of values instead of one: the transform takes an array apart with `each`. Loose like the policy that it reads. */
export function isListTransform(value: unknown): boolean {
  const [head] = (Array.isArray(value) ? value : [value]) as unknown[];
  return typeof head === 'object' && head !== null && 'op' in head && head.op === 'each';
}
