import { compileCodec, frame } from '@truc/avro';
import { encodeMasterDataKey, partitionForCode, positionHeaders, type ChangeEnvelope, type MasterDataKey } from '@truc/change-event';
import type { DatasetPolicy } from '@truc/coordination';
import {
  choiceOf,
  compileRowJudge,
  isoDateOfDays,
  vietnamToday,
  type DictionaryRelease,
  type RowJudgement,
  type ValueContext,
} from '@truc/dictionary';
import { checkCode, ruleOfScheme } from '@truc/identity-codes';
import type { Clock, Position, Row } from '@truc/kernel';
import {
  compileTable,
  type BoundParent,
  type BoundTable,
  type CompiledTable,
  type MappedKey,
  type ParentCodes,
  type TablePolicy,
} from '@truc/mapping';
import type { SourceRelation, SourceText } from './change-source.js';
import type { LogHeader, LogRecord } from './log.js';
import { ParentIndex } from './parent-index.js';
import type { RowReason, RowVerdict } from './row-verdict.js';

/** Ids under which the registry holds the dataset's schemas. */
export interface DatasetSchemaIds {
  readonly key: number;
  readonly value: number;
}

interface BoundRelation {
  readonly table: BoundTable;
  readonly keyPlaces: readonly number[];
  /** Mapped columns that quarantine may show: name and place. */
  readonly shownColumns: readonly { readonly name: string; readonly place: number }[];
}

/** One captured table on its way to its dataset: mapping, value rules, key and encoding, all compiled once. */
export class DatasetCapture {
  readonly dataset: DatasetPolicy;
  readonly compiled: CompiledTable;
  readonly #parents: ParentCodes | null;
  /** Codes of parents, where a row's code lies in another table and an index is kept of it. */
  readonly parents: ParentIndex | null;
  readonly #ids: DatasetSchemaIds;
  readonly #rules: (row: Row, context: ValueContext) => RowJudgement;
  readonly #codec: { encode(value: unknown): Buffer };
  readonly #protectedColumns: ReadonlySet<string>;
  /** Field that repeats the code, by the code's scheme. */
  readonly #codeFields: ReadonlyMap<string, string>;
  readonly #bound = new WeakMap<SourceRelation, BoundRelation>();
  readonly #boundParents = new WeakMap<SourceRelation, BoundParent>();

  /** @param parents codes of parent rows, for a table whose code lies in another */
  constructor(
    table: TablePolicy,
    dataset: DatasetPolicy,
    release: DictionaryRelease,
    ids: DatasetSchemaIds,
    clock: Clock,
    parents: ParentCodes | null = null,
  ) {
    this.dataset = dataset;
    this.compiled = compileTable(table, dataset, release);
    this.#ids = ids;
    this.#parents = parents;
    this.parents = parents instanceof ParentIndex ? parents : null;
    const { codeField, otherCodes = [] } = dataset;
    this.#codeFields = new Map([[dataset.scheme, codeField], ...otherCodes.map(({ scheme, field }) => [scheme, field] as const)]);
    this.#rules = compileRowJudge(release, dataset, () => vietnamToday(clock));
    this.#codec = compileCodec(dataset.valueSchema);
    this.#protectedColumns = columnsOfProtected(dataset, this.compiled);
  }

  /** The source row's key as a JSON array of texts: what quarantine is keyed by. */
  sourceKey(relation: SourceRelation, values: readonly SourceText[]): string {
    return JSON.stringify(this.#bind(relation).keyPlaces.map((place) => values[place] ?? null));
  }

  /** Maps and judges a whole row. @param committedAtMs gives the day that codes apply to where the row names none */
  judge(relation: SourceRelation, values: readonly SourceText[], committedAtMs: number): RowVerdict {
    const mapped = this.#bind(relation).table.map(values);
    const referenceDate = mapped.referenceDate ?? isoDateOfDays(vietnamToday({ now: () => committedAtMs }));
    const { outcome, violations, marks } = this.#rules(mapped.row, { referenceDate });
    if (outcome === 'pass' && mapped.problems.length === 0 && mapped.code !== null) {
      return { kind: 'good', row: mapped.row, key: keyOf(mapped, mapped.code), marks };
    }
    const { codeElement, codeField, rules } = this.dataset;
    // Its parent is not known: it waits for that, which breaks no rule.
    const waits = this.#parents !== null && mapped.problems.some(({ rule, field }) => rule === 'V1' && field === codeField);
    const reasons: RowReason[] = [
      ...mapped.problems.map(({ rule, element, column, reason }) => ({ rule, element, field: column, reason })),
      ...(waits ? violations.filter(({ rule, field }) => rule !== 'V1' || field !== codeField) : violations),
    ];
    if (reasons.length === 0) reasons.push({ rule: 'V1', element: codeElement, field: codeField, reason: 'missing' });
    // A value that the mapping cannot read has no place in the row, so that it cannot pass.
    const isUnread = mapped.problems.some(({ rule }) => rule === 'V2');
    const stops = (outcome === 'stop' && !waits) || (isUnread && choiceOf({ rule: 'V2', reason: 'type' }, rules ?? {}) === 'stop');
    return { kind: 'bad', reasons, marks, stops };
  }

  /** The row alone, where all of it is known: what `before` shows of a row that was published. */
  wholeRow(relation: SourceRelation, values: readonly SourceText[]): Row | null {
    const { table } = this.#bind(relation);
    const parent = this.parents === null ? null : table.parentKeyOf(values);
    // Under which code it stood before is one of several.
    if (parent !== null && this.parents?.pendingOf(parent)) return null;
    const mapped = table.map(values);
    return mapped.problems.length === 0 && this.#isComplete(mapped.row) ? mapped.row : null;
  }

  /** Key under which a row with these key columns was published if it ever was; null where its code is none of its scheme, so that no consumer would have taken it. */
  publishedKey(relation: SourceRelation, values: readonly SourceText[]): MasterDataKey | null {
    return this.#validKey(this.#bind(relation).table.keyOf(values));
  }

  /**
   * Keys under which a row may be published while its parent's code changed and its children are yet to be read again: under former codes, the newest first, and under the present one. Empty where
   * the parent's code has not changed.
   */
  keysUnderParents(
    relation: SourceRelation,
    values: readonly SourceText[],
  ): { readonly formers: MasterDataKey[]; readonly present: MasterDataKey | null } {
    const { table } = this.#bind(relation);
    const key = this.parents === null ? null : table.parentKeyOf(values);
    const pending = key === null ? null : (this.parents?.pendingOf(key) ?? null);
    if (pending === null) return { formers: [], present: null };
    const under = (code: string): MasterDataKey | null => this.#validKey(table.keyUnder(values, code));
    const formers = pending.formers.flatMap((code) => under(code) ?? []).toReversed();
    return { formers, present: typeof pending.code === 'string' ? under(pending.code) : null };
  }

  /** The row is held; where that is for want of its parent's code it is read again when there is one. */
  noteHeld(relation: SourceRelation, values: readonly SourceText[]): void {
    const key = this.parents === null ? null : this.#bind(relation).table.parentKeyOf(values);
    if (key !== null) this.parents?.awaits(key);
  }

  /** A relation of the parent table. @throws TrucError MAPPING_COLUMN_MISSING, MAPPING_KEY_MISSING */
  bindParent(relation: SourceRelation): BoundParent {
    const known = this.#boundParents.get(relation);
    if (known !== undefined) return known;
    const bound = this.compiled.bindParent(relation.columns);
    this.#boundParents.set(relation, bound);
    return bound;
  }

  /**
   * What the release says of the form of codes does not count here, for it may be another one than the row was published by:
   *
   * 1. A row is published under a code that the release has nothing against.
   * 2. The next release asks for another form of such codes. Nothing is read again: the row is not held.
   * 3. The row is deleted at the source. By the release of now it could never have been published; its key stays at every consumer unless it is deleted all the same.
   */
  #validKey(mapped: MappedKey): MasterDataKey | null {
    const { code, scheme } = mapped;
    if (code === null) return null;
    const rule = ruleOfScheme(scheme) ?? null;
    return rule !== null && checkCode(rule, code).result === 'invalid' ? null : keyOf(mapped, code);
  }

  /** Mapped columns in the source's own text for quarantine; protected ones are left out. */
  shownColumns(relation: SourceRelation, values: readonly SourceText[]): Map<string, string | null> {
    return new Map(this.#bind(relation).shownColumns.map(({ name, place }) => [name, values[place] ?? null]));
  }

  encodeKey(key: MasterDataKey): Buffer {
    return encodeMasterDataKey(key, this.#ids.key);
  }

  encodeValue(envelope: ChangeEnvelope): Buffer {
    return frame(this.#ids.value, this.#codec.encode(envelope));
  }

  /** One event of the dataset's topic; `envelope` null makes the tombstone that follows a delete. */
  record(
    key: MasterDataKey,
    envelope: ChangeEnvelope | null,
    position: Position,
    timestampMs: number,
    more: readonly LogHeader[] = [],
  ): LogRecord {
    return {
      topic: this.dataset.topic,
      partition: partitionForCode(key.code, this.dataset.partitions),
      key: this.encodeKey(key),
      value: envelope === null ? null : this.encodeValue(envelope),
      headers: [...positionHeaders(position), ...more],
      timestampMs,
    };
  }

  #isComplete(row: Row): boolean {
    const isThere = (name: string): boolean => (row[name] ?? null) !== null;
    const hasCode = [...this.#codeFields.values()].some(isThere);
    return hasCode && this.dataset.fields.every((field) => !field.required || isThere(field.name));
  }

  #bind(relation: SourceRelation): BoundRelation {
    const known = this.#bound.get(relation);
    if (known !== undefined) return known;
    const place = (name: string): number => relation.columns.findIndex((column) => column.name === name);
    const bound: BoundRelation = {
      table: this.compiled.bind(relation.columns, this.#parents),
      keyPlaces: this.compiled.primaryKey.map(place),
      shownColumns: this.compiled.columns.filter((name) => !this.#protectedColumns.has(name)).map((name) => ({ name, place: place(name) })),
    };
    this.#bound.set(relation, bound);
    return bound;
  }
}

/** Every column that a protected field is made of: a text of several columns tells it as well as one. */
function columnsOfProtected({ fields, codeField }: DatasetPolicy, compiled: CompiledTable): ReadonlySet<string> {
  const names = new Set(fields.flatMap(({ name, protection }) => (protection === 'none' ? [] : [name])));
  const ofFields = compiled.fields.flatMap(({ field, transform }) => (names.has(field) ? (transform?.reads ?? []) : []));
  return new Set(names.has(codeField) ? [...ofFields, ...compiled.identification.reads] : ofFields);
}

function keyOf({ scheme, rowKey }: MappedKey, code: string): MasterDataKey {
  return { scheme, code, row: rowKey };
}
