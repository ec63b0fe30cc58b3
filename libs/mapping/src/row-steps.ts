/** A whole transform: what it reads of a row, and the text it makes of it. */
import { TrucError } from '@truc/kernel';
import { Fault, type Stepped } from './fault.js';
import { listSteps, type ListStep } from './list-steps.js';
import { textStep, type TextStep } from './text-steps.js';
import { parseTransform, type Operation } from './transform.js';

/** A row's values in the source's text form; `undefined` where the source left out an unchanged large value. */
export type SourceValues = readonly (string | null | undefined)[];

/** Stands for "the source left out this value", which no operation may hide. */
export const unchanged = new Fault(
  'was left out by the source because it is large and did not change: write the value again, or have whole rows sent by publishing the table without a column list ' +
    'first and with REPLICA IDENTITY FULL then (FULL beside a column list makes PostgreSQL refuse every UPDATE of the table)',
);

/** A transform whose columns are known but not yet where they stand in a row. */
export interface CompiledTransform {
  /** Columns it reads, the first being the one that the mapping names, unless that one is computed. */
  readonly reads: readonly string[];
  /** What it takes the named column apart as, before anything else. */
  readonly takesApart: 'array' | 'json' | 'point' | null;
  readonly isEmpty: boolean;
  /** Null where it makes one value. Else what makes the members of the text that `bind` reads. */
  readonly list: ListStep | null;
  /** @param start where the text comes from, if not from the named column */
  bind(indexOf: (column: string) => number, start?: RowReader): RowReader;
}

/** Reads a text of a row. */
export type RowReader = (values: SourceValues) => Stepped;

/**
 * @param where `table.column`, for messages
 * @throws TrucError MAPPING_TRANSFORM_INVALID and those of {@link textStep}
 */
export function compileTransform(value: unknown, column: string, where: string): CompiledTransform {
  const operations = parseTransform(value, where);
  const [head] = operations;
  const pattern = head?.op === 'format' ? parsePattern(head.pattern, where) : null;
  const reads = pattern ? pattern.flatMap((part) => ('column' in part ? [part.column] : [])) : [column];
  for (const operation of operations) if (operation.op === 'when') reads.push(operation.column);
  const isList = head?.op === 'each';
  const compiled = operations.flatMap(compileOperation);
  // Of a list, conditions are the row's and everything else is done to each member.
  const ofRow = isList ? compiled.filter((operation) => operation.op === 'when') : compiled;
  const ofMember = compiled.flatMap((operation) => (operation.op === 'text' ? [operation.step] : []));
  return {
    reads,
    takesApart: (head && takenApart.get(head.op)) ?? null,
    isEmpty: operations.length === 0,
    list: isList ? listSteps(ofMember) : null,
    bind(indexOf, start) {
      const first = start ?? (pattern ? bindPattern(pattern, indexOf) : bindColumn(indexOf(column)));
      return ofRow.reduce<RowReader>(
        (previous, next) => (next.op === 'when' ? bindWhen(previous, indexOf(next.column), next.in) : bindText(previous, next.step)),
        first,
      );
    },
  };
}

const takenApart: ReadonlyMap<Operation['op'], 'array' | 'json' | 'point'> = new Map([
  ['first', 'array'],
  ['each', 'array'],
  ['jsonPath', 'json'],
  ['pointX', 'point'],
  ['pointY', 'point'],
]);

type CompiledOperation = { readonly op: 'text'; readonly step: TextStep } | Extract<Operation, { op: 'when' }>;

/** `format` and `each` are where a transform starts, not steps of it. */
function compileOperation(operation: Operation): CompiledOperation[] {
  if (operation.op === 'format' || operation.op === 'each') return [];
  return [operation.op === 'when' ? operation : { op: 'text', step: textStep(operation) }];
}

function bindColumn(index: number): RowReader {
  return (values) => {
    const value = values[index];
    return value === undefined ? unchanged : value;
  };
}

function bindText(previous: RowReader, step: TextStep): RowReader {
  return (values) => {
    const value = previous(values);
    return typeof value === 'string' ? step(value) : value;
  };
}

/** Null where the other column holds none of the values: the entry does not apply to such a row. */
function bindWhen(previous: RowReader, index: number, allowed: readonly string[]): RowReader {
  const applies = new Set(allowed);
  return (values) => {
    const other = values[index];
    if (other === undefined) return unchanged;
    return other !== null && applies.has(other) ? previous(values) : null;
  };
}

type PatternPart = { readonly literal: string } | { readonly column: string; readonly width: number };

/** `{ma_so_dn:010}-{stt:03}`: columns in braces, with the width that zeros on the left fill up to. */
function parsePattern(pattern: string, where: string): readonly PatternPart[] {
  const parts: PatternPart[] = [];
  let at = 0;
  for (const match of pattern.matchAll(/\{([^{}:]+)(?::0([0-9]{1,2}))?\}/g)) {
    if (match.index > at) parts.push({ literal: pattern.slice(at, match.index) });
    parts.push({ column: match[1] ?? '', width: Number(match[2] ?? 0) });
    at = match.index + match[0].length;
  }
  if (at < pattern.length) parts.push({ literal: pattern.slice(at) });
  const isSound = parts.some((part) => 'column' in part) && parts.every((part) => !('literal' in part) || !/[{}]/.test(part.literal));
  if (!isSound) {
    throw new TrucError(
      'MAPPING_TRANSFORM_INVALID',
      `${where}: "${pattern}" is not a pattern: name columns in braces, with a width where zeros are to be put before, as in {ma_so_dn:010}-{stt:03}`,
      {
        vi: `${where}: "${pattern}" không phải mẫu: ghi tên cột trong ngoặc nhọn, kèm độ rộng nếu cần thêm số 0 phía trước, ví dụ {ma_so_dn:010}-{stt:03}`,
      },
    );
  }
  return parts;
}

function bindPattern(parts: readonly PatternPart[], indexOf: (column: string) => number): RowReader {
  const bound = parts.map((part) => ('literal' in part ? part : { index: indexOf(part.column), width: part.width }));
  return (values) => {
    let text = '';
    for (const part of bound) {
      if ('literal' in part) {
        text += part.literal;
        continue;
      }
      const value = values[part.index];
      if (value === undefined) return unchanged;
      if (value === null) return null;
      text += value.padStart(part.width, '0');
    }
    return text;
  };
}
