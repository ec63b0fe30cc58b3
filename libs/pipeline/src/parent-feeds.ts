import { parentName } from '@truc/mapping';
import type { CaptureGap } from './capture-gap.js';
import type { CaptureState } from './capture-state.js';
import type { ChangeSource, SourceRelation, SourceText } from './change-source.js';
import type { DatasetCapture } from './dataset-capture.js';
import { demandOldParent } from './old-row.js';
import type { ParentEntries } from './parent-entries.js';
import type { ParentIndex } from './parent-index.js';
import type { StreamPoint } from './snapshot-plan.js';
import type { RowChange } from './source-transaction.js';
import { isTableStop } from './table-lag.js';
import type { StopPoint, TableGate } from './table-positions.js';

/** Parents whose children are read at once. */
const keysPerReading = 200;
/** Above every sequence. */
const endOfTime = 2n ** 64n;

/** A captured table whose rows have their code from a parent. */
interface Child {
  readonly table: string;
  readonly capture: DatasetCapture;
  readonly index: ParentIndex;
  /** What it is an index of. */
  readonly of: string;
  /** Columns that point to the parent. */
  readonly columns: readonly string[];
}

type ParentMarks = CaptureState['parents'];

/**
 * The indexes of parents in one run: each is fed with the rows of its parent table in the order of the stream, at the points where its child table takes what comes, and is saved with
 * the point that the child table stands at. Where children have to be read again it asks the source for them, and until that is acknowledged the source keeps its log from where their parent changed.
 */
export class ParentFeeds {
  readonly #children: readonly Child[];
  readonly #byParent = new Map<string, Child[]>();
  readonly #gate: TableGate;
  /** Last boundary. */
  #reached: bigint;
  #floor: bigint | null;
  /** By child table: the boundary behind which it is known of all its parents whose children have to be read again. */
  readonly #pendingUpTo = new Map<string, bigint>();
  /** Of tables whose index could not be opened. */
  readonly #kept: ParentMarks;

  /** @param reached where the stream begins */
  constructor(
    captures: ReadonlyMap<string, DatasetCapture>,
    { marks, failures }: Pick<OpenedParents, 'marks' | 'failures'>,
    gate: TableGate,
    reached: bigint,
  ) {
    this.#children = childrenOf(captures).filter(({ table, index }) => index.isOpen && !failures.has(table));
    this.#kept = marks.filter(({ table }) => failures.has(table));
    for (const child of this.#children) {
      const { table } = child.capture.compiled.parent!;
      this.#byParent.set(table, [...(this.#byParent.get(table) ?? []), child]);
    }
    this.#gate = gate;
    this.#reached = reached;
    this.#floor = this.#children.some(({ index }) => index.hasPending) ? reached : null;
  }

  /** A row of any table; nothing where it is no parent. */
  change(change: RowChange, at: StopPoint): void {
    const { relation } = change;
    this.#feed(relation, at, ({ capture, index }) => {
      const { keyOf, codeOf } = capture.bindParent(relation);
      demandOldParent(change, capture);
      const after = change.kind === 'delete' ? null : keyOf(change.after);
      const before = change.kind === 'insert' ? null : keyOf(change.before ?? (change.kind === 'update' ? change.after : []));
      if (before !== null && before !== after) index.drop(before);
      if (after !== null && change.kind !== 'delete') index.take(after, codeOf(change.after));
    });
  }

  /** All rows of a table went at once: those of parents, or of children. To be told before what follows it is taken. */
  async truncated(relation: SourceRelation, at: StopPoint): Promise<void> {
    const name = nameOf(relation);
    for (const child of this.#byParent.get(name) ?? []) await this.#inTurns(child, at, ({ index }) => index.truncate());
    for (const child of this.#children) if (child.table === name) await this.#inTurns(child, at, ({ index }) => index.childrenGone());
  }

  /** A chunk of the parents of one child table. */
  async chunk(
    table: string,
    relation: SourceRelation,
    rows: readonly (readonly SourceText[])[],
    at: StopPoint,
    isLast: boolean,
  ): Promise<void> {
    for (const child of this.#children) {
      if (child.table !== table) continue;
      await this.#inTurns(child, at, async ({ capture, index }) => {
        const { keyOf, codeOf } = capture.bindParent(relation);
        for (const values of rows) {
          const key = keyOf(values);
          if (key !== null) index.take(key, codeOf(values));
        }
        if (isLast) await index.finish();
      });
    }
  }

  /** Children that were asked for were judged. */
  doneReading(table: string, at: StopPoint): void {
    for (const child of this.#children) if (child.table === table) this.#of(child, at, ({ index }) => index.doneReading());
  }

  /** A point behind which nothing is open. A table that stopped on the way stays where it was before. */
  reached(sequence: bigint, source: Pick<ChangeSource, 'readChildren'>): void {
    for (const { table, index } of this.#children) {
      if (this.#gate.takes(table, sequence)) index.reached();
      else index.rollBack();
      if (index.takeBecamePending()) this.#pendingUpTo.set(table, sequence);
    }
    this.ask(source, sequence);
    this.#reached = sequence;
  }

  /** Asks for children that have to be read again. @param sequence of a boundary */
  ask(source: Pick<ChangeSource, 'readChildren'>, sequence: bigint): void {
    let hasPending = false;
    for (const { table, index, columns } of this.#children) {
      const keys = this.#gate.takes(table, sequence) ? index.startReading(keysPerReading) : [];
      if (keys.length > 0) source.readChildren?.({ table, columns, keys: keys.map((key) => JSON.parse(key) as string[]) });
      // For a table that is stopped the source keeps its log anyway.
      if (this.#gate.takes(table, endOfTime)) hasPending ||= index.hasPending;
    }
    this.#floor = hasPending ? (this.#floor ?? this.#reached) : null;
  }

  /** Nothing of children that are read again may be written before the state is stored up to here. */
  pendingUpTo(table: string): bigint {
    return this.#pendingUpTo.get(table) ?? 0n;
  }

  /** The slot is not confirmed past here: children are yet to be read again. Null where none are. */
  get floor(): bigint | null {
    return this.#floor;
  }

  /** Writes what there is up to the last boundary, durably. @returns what the state says of it */
  save(): ParentMarks {
    return [
      ...this.#kept,
      ...this.#children.flatMap(({ table, of, index }) => {
        const mark = index.save();
        return mark === null ? [] : [{ table, of, ...mark }];
      }),
    ];
  }

  /** The state that says so is durable. */
  saved(marks: ParentMarks): void {
    for (const { table, index } of this.#children) {
      const mark = marks.find((one) => one.table === table);
      if (mark !== undefined) index.saved(mark);
    }
  }

  #feed(relation: SourceRelation, at: StopPoint, take: (child: Child) => void): void {
    for (const child of this.#byParent.get(nameOf(relation)) ?? []) this.#of(child, at, take);
  }

  #of(child: Child, at: StopPoint, take: (child: Child) => void): void {
    if (!this.#gate.takes(child.table, at.sequence)) return;
    try {
      take(child);
    } catch (error) {
      this.#gate.stop(child.table, error, at);
    }
  }

  /** As {@link #of}, of what takes its time. */
  async #inTurns(child: Child, at: StopPoint, take: (child: Child) => Promise<void>): Promise<void> {
    if (!this.#gate.takes(child.table, at.sequence)) return;
    await take(child).catch((error: unknown) => this.#gate.stop(child.table, error, at));
  }
}

/** What became of the indexes at a start. */
export interface OpenedParents {
  readonly gaps: readonly CaptureGap[];
  /** What the state says of them from now on. */
  readonly marks: ParentMarks;
  /** Why an index cannot be used, by table. */
  readonly failures: ReadonlyMap<string, unknown>;
}

/**
 * Opens the index of each table that has one, as it was when the state was stored. One that the state knows and that is not there is a gap of its dataset: under which codes rows were published is known to
 * nobody, and a guess could be wrong.
 * @param stored with the tables that are read anew, and their parents with them
 */
export function openParents(
  captures: ReadonlyMap<string, DatasetCapture>,
  stored: StreamPoint & { readonly marks: ParentMarks; readonly anew: ReadonlySet<string> },
  open: ((table: string) => ParentEntries) | undefined,
  nowMs: number,
): OpenedParents {
  const gaps: CaptureGap[] = [];
  const marks: ParentMarks = [];
  const failures = new Map<string, unknown>();
  for (const { table, of, index, capture } of childrenOf(captures)) {
    const known = stored.anew.has(table) ? undefined : stored.marks.find((one) => one.table === table && one.of === of);
    if (open === undefined) throw new Error('unreachable: an index of parents and no place where it is kept');
    try {
      const opened = index.open(open(table), known ?? null) ? index.save() : null;
      if (opened === null) gaps.push(lost(capture.dataset.name, table, of, stored, nowMs));
      else marks.push({ table, of, ...opened });
    } catch (error) {
      if (!isTableStop(error)) throw error;
      failures.set(table, error);
      if (known !== undefined) marks.push(known);
    }
  }
  return { gaps, marks, failures };
}

function lost(dataset: string, table: string, of: string, { epoch, sequence }: StreamPoint, foundAtMs: number): CaptureGap {
  const reason =
    `the index of ${of} that the agent keeps for ${dataset} is not there, or is of another time: the codes under which rows of ${table} were published are not known. ` +
    "The agent's data directory was lost or restored, or another machine has taken over";
  return { code: 'CAPTURE_PARENTS_LOST', reason, epoch, sequence, foundAtMs, dataset, resolution: null };
}

/** The tables whose codes lie in others, and whether the state knows what was read of those. */
export function indexedTables(captures: ReadonlyMap<string, DatasetCapture>, marks: ParentMarks): ReadonlyMap<string, boolean> {
  return new Map(childrenOf(captures).map(({ table, of }) => [table, marks.some((mark) => mark.table === table && mark.of === of)]));
}

function childrenOf(captures: ReadonlyMap<string, DatasetCapture>): Child[] {
  return [...captures].flatMap(([table, capture]) => {
    const { parent } = capture.compiled.identification;
    const { parents: index } = capture;
    return parent === null || index === null ? [] : [{ table, capture, index, of: parentName(parent), columns: parent.columns }];
  });
}

function nameOf({ schema, table }: SourceRelation): string {
  return `${schema}.${table}`;
}
