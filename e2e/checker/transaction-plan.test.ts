import { badCommune, expectedRecord, isKeptApart, personKey, type PersonRow } from './person.js';
import { seededRandom } from '@truc/demo';
import { recordHash } from './record-hash.js';
import { planMending, planTransaction, type PlanScene, type TransactionPlan } from './transaction-plan.js';
import { WrittenRows } from './written-rows.js';

const homes = ['01', '79', '31'].map((province) => ({ province, commune: `${province}001` }));

/** Plans many transactions and keeps a table beside them, as PostgreSQL would. */
function life(transactions: number) {
  const rows = new WrittenRows();
  let table = new Map<string, PersonRow>();
  let last = 0;
  const plans: TransactionPlan[] = [];
  const sceneOn = (layer: WrittenRows): PlanScene => ({
    random,
    homes,
    at: '2025-06-01 08:00:00+07',
    rows: layer,
    nextOp: () => (last += 1),
  });
  const random = seededRandom(42, 'plan');
  const apply = (plan: TransactionPlan, layer: WrittenRows): void => {
    const inside = executed(plan, table);
    if (plan.end === 'rollback') return;
    table = inside;
    layer.merge();
    plans.push(plan);
  };
  for (let count = 0; count < transactions; count += 1) {
    const layer = rows.layer();
    apply(planTransaction(sceneOn(layer)), layer);
  }
  const mend = (): TransactionPlan | null => {
    const layer = rows.layer();
    const plan = planMending(sceneOn(layer));
    if (plan !== null) apply(plan, layer);
    return plan;
  };
  return { rows, plans, mend, table: () => table };
}

function executed(plan: TransactionPlan, before: ReadonlyMap<string, PersonRow>): Map<string, PersonRow> {
  let table = new Map(before);
  let saved = table;
  for (const step of plan.steps) {
    if (step.kind === 'savepoint') saved = new Map(table);
    else if (step.kind === 'rollback-to-savepoint') table = new Map(saved);
    else if (step.kind === 'insert') {
      for (const row of step.rows) {
        if (table.has(personKey(row))) throw new Error('a row is inserted twice');
        table.set(personKey(row), row);
      }
    } else {
      for (const row of step.kind === 'update' ? step.from : step.rows) {
        if (!table.delete(personKey(row))) throw new Error('a row is changed that is not there');
      }
      if (step.kind === 'update') for (const row of step.rows) table.set(personKey(row), row);
    }
  }
  return table;
}

describe('the plans of the writers', () => {
  it('fit the table that they leave, whatever is taken back', () => {
    const { rows, table } = life(400);
    expect(table().size).toBeGreaterThan(200);
    expect(new Set(rows.keys())).toEqual(new Set(table().keys()));
    for (const [key, row] of table()) expect(rows.get(key)?.row).toEqual(row);
  });

  it('number the operations on each row without holes and without repeats, once what was taken back is left out', () => {
    const { plans } = life(400);
    const seen = new Map<string, number>();
    for (const { steps } of plans) {
      const lost = new Set(steps.flatMap((step) => (step.kind === 'rollback-to-savepoint' ? step.lost : [])));
      for (const op of steps.flatMap((step) => ('ops' in step ? step.ops : [])).filter((one) => !lost.has(one))) {
        expect(op.keySeq).toBe((seen.get(op.key) ?? 0) + 1);
        seen.set(op.key, op.keySeq);
      }
    }
    expect(seen.size).toBeGreaterThan(200);
  });

  it('expect the record of every good version, and none of a bad one', () => {
    const { plans } = life(200);
    const kinds = new Set<string>();
    for (const step of plans.flatMap(({ steps }) => steps)) {
      if (step.kind !== 'insert') continue;
      step.ops.forEach((op, index) => {
        const row = step.rows[index] as PersonRow;
        kinds.add(op.op);
        expect(op.rowHash).toBe(row.ma_xa_thuong_tru === badCommune ? null : recordHash(expectedRecord(row)));
      });
    }
    expect([...kinds].sort()).toEqual(['c', 'q']);
  });

  it('mend every row that was refused for what the source had left out', () => {
    const { rows, mend, table } = life(400);
    const refused = () =>
      [...table().keys()].map((key) => rows.get(key)).filter((row) => row?.isRefused === true && row.row.ma_xa_thuong_tru !== badCommune);
    expect(refused().length).toBeGreaterThan(0);
    expect(refused().every((row) => row !== undefined && row !== null && isKeptApart(row.row))).toBe(true);
    expect(mend()).not.toBeNull();
    expect(refused()).toEqual([]);
    expect(mend()).toBeNull();
  });
});
