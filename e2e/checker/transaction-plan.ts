import type { Op } from './oplog.js';
import { badCommune, isKeptApart, nameWith, personCode, personKey, personVersion, type Home, type PersonRow } from './person.js';
import type { Random } from '@truc/demo';
import type { WrittenRows } from './written-rows.js';

/** One statement of a transaction, with what it does to each row. */
export type PlanStep =
  | { readonly kind: 'insert'; readonly how: 'statement' | 'copy'; readonly rows: readonly PersonRow[]; readonly ops: readonly Op[] }
  /** `from` are the keys that the rows have before. `onlyName` leaves every other column as it is. */
  | {
      readonly kind: 'update';
      readonly onlyName: boolean;
      readonly from: readonly PersonRow[];
      readonly rows: readonly PersonRow[];
      readonly ops: readonly Op[];
    }
  | { readonly kind: 'delete'; readonly rows: readonly PersonRow[]; readonly ops: readonly Op[] }
  | { readonly kind: 'savepoint' }
  | { readonly kind: 'rollback-to-savepoint'; readonly lost: readonly Op[] };

export interface TransactionPlan {
  readonly steps: readonly PlanStep[];
  readonly end: 'commit' | 'rollback';
  /** Lowest number that it uses. */
  readonly firstOp: number;
  /** Numbers that it uses, lost ones included. */
  readonly numbers: number;
}

export interface PlanScene {
  readonly random: Random;
  readonly homes: readonly Home[];
  /** Working time of the source. */
  readonly at: string;
  /** Of the transaction; merged by whoever commits it. */
  readonly rows: WrittenRows;
  /** Gives the next number; each once. */
  nextOp(): number;
}

/** Beyond this many rows a writer deletes more than it inserts. */
const rowsMany = 2_000;

/** Draws what a transaction does, and what of it must be seen. Its rows are changed in `scene.rows` as the transaction will leave them. */
export function planTransaction(scene: PlanScene): TransactionPlan {
  return new Plan(scene).draw();
}

/**
 * Writes every row anew, whole, that was refused because the source had left out a part of it; null where there is none. What is refused for its values stays refused: anybody can
 * see that from the source, but not this.
 */
export function planMending(scene: PlanScene): TransactionPlan | null {
  return new Plan(scene).mend();
}

class Plan {
  readonly #scene: PlanScene;
  readonly #steps: PlanStep[] = [];
  readonly #keys: readonly string[];
  /** Keys of rows that this transaction made; those that it took back again are found to be gone. */
  readonly #fresh: string[] = [];
  #rows: WrittenRows;
  #firstOp: number | null = null;
  #numbers = 0;

  constructor(scene: PlanScene) {
    this.#scene = scene;
    this.#rows = scene.rows;
    this.#keys = scene.rows.keys();
  }

  draw(): TransactionPlan {
    const { random } = this.#scene;
    const statements = random.chance(0.6) ? 1 : random.between(2, 5);
    for (let statement = 0; statement < statements; statement += 1) {
      if (random.chance(0.12)) this.#savepoint();
      else this.#statement();
    }
    const end = random.chance(0.08) ? 'rollback' : 'commit';
    return { steps: this.#steps, end, firstOp: this.#firstOp ?? 0, numbers: this.#numbers };
  }

  mend(): TransactionPlan | null {
    const broken = this.#keys.flatMap((key) => {
      const known = this.#rows.get(key);
      return known !== null && known.isRefused && known.row.ma_xa_thuong_tru !== badCommune ? [known.row] : [];
    });
    const written = broken.map((from) => {
      const opId = this.#nextOp();
      const row = this.#version(opId, from.so_dinh_danh, true, from.ma_tinh);
      return { from, row, op: this.#rows.update(opId, row, true) };
    });
    if (this.#firstOp === null) return null;
    const step: PlanStep = {
      kind: 'update',
      onlyName: false,
      from: written.map(({ from }) => from),
      rows: written.map(({ row }) => row),
      ops: written.map(({ op }) => op),
    };
    return { steps: [step], end: 'commit', firstOp: this.#firstOp, numbers: this.#numbers };
  }

  /** Work under a savepoint; half of it is taken back. */
  #savepoint(): void {
    const { random } = this.#scene;
    const below = this.#rows;
    this.#rows = below.layer();
    this.#steps.push({ kind: 'savepoint' });
    const from = this.#steps.length;
    for (let statement = random.between(1, 2); statement > 0; statement -= 1) this.#statement();
    if (random.chance(0.5)) {
      const lost = this.#steps.slice(from).flatMap((step) => ('ops' in step ? step.ops : []));
      this.#steps.push({ kind: 'rollback-to-savepoint', lost });
    } else {
      this.#rows.merge();
    }
    this.#rows = below;
  }

  #statement(): void {
    const draw = this.#scene.random.between(0, 99) + (this.#keys.length > rowsMany ? 40 : 0);
    if (draw < 22 || this.#keys.length < 5) this.#insert(1, 'statement');
    else if (draw < 34) this.#insert(this.#scene.random.between(2, 20), 'statement');
    else if (draw < 40) this.#insert(this.#scene.random.between(20, 120), 'copy');
    else if (draw < 62) this.#update(1, false);
    else if (draw < 72) this.#update(this.#scene.random.between(2, 15), false);
    else if (draw < 80) this.#update(this.#scene.random.between(1, 3), true);
    else if (draw < 90) this.#changeKeys(this.#scene.random.between(1, 4));
    else this.#delete(draw < 100 ? this.#scene.random.between(1, 4) : this.#scene.random.between(10, 60));
  }

  #insert(count: number, how: 'statement' | 'copy'): void {
    const rows: PersonRow[] = [];
    const ops: Op[] = [];
    for (let index = 0; index < count; index += 1) {
      const opId = this.#nextOp();
      const isGood = !this.#scene.random.chance(0.04);
      const row = this.#version(opId, personCode(opId), isGood);
      rows.push(row);
      ops.push(this.#rows.insert(opId, row, isGood));
      this.#fresh.push(personKey(row));
    }
    this.#steps.push({ kind: 'insert', how, rows, ops });
  }

  #update(count: number, onlyName: boolean): void {
    const from: PersonRow[] = [];
    const rows: PersonRow[] = [];
    const ops: Op[] = [];
    for (const before of this.#choose(count, onlyName)) {
      const opId = this.#nextOp();
      // Of a large value that an update leaves the source sends nothing, and half a row may not be published.
      const isGood = onlyName ? !isKeptApart(before) : !this.#scene.random.chance(0.06);
      const row = onlyName ? { ...before, ho_ten: nameWith(opId) } : this.#version(opId, before.so_dinh_danh, isGood, before.ma_tinh);
      from.push(before);
      rows.push(row);
      ops.push(this.#rows.update(opId, row, isGood));
    }
    if (rows.length > 0) this.#steps.push({ kind: 'update', onlyName, from, rows, ops });
  }

  /** A move to another province changes the row's key; a corrected number changes the code that everything is keyed by. */
  #changeKeys(count: number): void {
    const from: PersonRow[] = [];
    const rows: PersonRow[] = [];
    const ops: Op[] = [];
    for (const before of this.#choose(count, false)) {
      const [gone, opId] = [this.#nextOp(), this.#nextOp()];
      const code = this.#scene.random.chance(0.5) ? personCode(opId) : before.so_dinh_danh;
      const row = this.#version(opId, code, true);
      if (personKey(row) === personKey(before)) continue;
      from.push(before);
      rows.push(row);
      ops.push(this.#rows.delete(gone, personKey(before)), this.#rows.insert(opId, row, true));
      this.#fresh.push(personKey(row));
    }
    if (rows.length > 0) this.#steps.push({ kind: 'update', onlyName: false, from, rows, ops });
  }

  #delete(count: number): void {
    const rows = this.#choose(count, false);
    const ops = rows.map((row) => this.#rows.delete(this.#nextOp(), personKey(row)));
    if (rows.length > 0) this.#steps.push({ kind: 'delete', rows, ops });
  }

  /** Different rows, those of this transaction among them. @param onlyGood rows whose version in the source is a good one */
  #choose(count: number, onlyGood: boolean): PersonRow[] {
    const chosen = new Map<string, PersonRow>();
    const { random } = this.#scene;
    for (let attempt = 0; attempt < count * 3 && chosen.size < count; attempt += 1) {
      const keys = this.#fresh.length > 0 && random.chance(0.3) ? this.#fresh : this.#keys;
      if (keys.length === 0) continue;
      const key = random.pick(keys);
      const row = this.#rows.get(key)?.row;
      if (row === undefined || (onlyGood && row.ma_xa_thuong_tru === badCommune)) continue;
      chosen.set(key, row);
    }
    return [...chosen.values()];
  }

  #version(opId: number, code: string, isGood: boolean, province?: string): PersonRow {
    const { random, homes, at } = this.#scene;
    const home = random.pick(province === undefined ? homes : homes.filter((one) => one.province === province));
    const row = personVersion(opId, code, home, at, random);
    return isGood ? row : { ...row, ma_xa_thuong_tru: badCommune };
  }

  #nextOp(): number {
    const opId = this.#scene.nextOp();
    this.#firstOp ??= opId;
    this.#numbers = opId - this.#firstOp + 1;
    return opId;
  }
}
