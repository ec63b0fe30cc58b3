import { finished } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { positiveMurmur2 } from './murmur2.js';
import { checkedTable, opColumns, type Op } from './oplog.js';
import { personColumns, type PersonRow } from './person.js';
import type { PlanStep } from './transaction-plan.js';

const types: Readonly<Record<(typeof personColumns)[number], string>> = {
  so_dinh_danh: 'text',
  ma_tinh: 'text',
  ho_ten: 'text',
  ten_goi_khac: 'text[]',
  ngay_sinh: 'date',
  gioi_tinh: 'dancu.gioi_tinh_enum',
  tt_hon_nhan: 'smallint',
  que_quan_tinh: 'text',
  ma_xa_thuong_tru: 'text',
  dia_chi: 'jsonb',
  sdt: 'text',
  email: 'text',
  trang_thai: 'smallint',
  nhom_mau: 'text',
  nguoiCapNhat: 'text',
  cap_nhat_luc: 'timestamptz',
};
const names = personColumns.map((name) => `"${name}"`).join(', ');
const fields = personColumns.map((name) => `"${name}" ${types[name]}`).join(', ');

const insertRows = `INSERT INTO ${checkedTable} (${names}) SELECT ${names} FROM jsonb_to_recordset($1::jsonb) AS x (${fields})`;
const updateRows = `UPDATE ${checkedTable} t SET ${personColumns.map((name) => `"${name}" = x."${name}"`).join(', ')}
  FROM jsonb_to_recordset($1::jsonb) AS x (${fields}, old_code text, old_province text) WHERE t.so_dinh_danh = x.old_code AND t.ma_tinh = x.old_province`;
const updateNames = `UPDATE ${checkedTable} t SET ho_ten = x.ho_ten
  FROM jsonb_to_recordset($1::jsonb) AS x (ho_ten text, old_code text, old_province text) WHERE t.so_dinh_danh = x.old_code AND t.ma_tinh = x.old_province`;
const deleteRows = `DELETE FROM ${checkedTable} t USING jsonb_to_recordset($1::jsonb) AS x (so_dinh_danh text, ma_tinh text)
  WHERE t.so_dinh_danh = x.so_dinh_danh AND t.ma_tinh = x.ma_tinh`;
const insertOps = `INSERT INTO checker._oplog (${opColumns.join(', ')}) SELECT ${opColumns.join(', ')}
  FROM jsonb_to_recordset($1::jsonb) AS x (op_id bigint, key text, key_seq integer, op "char", row_hash text, view_hash text, partition_hash integer)`;

/**
 * Does one step in the open transaction of `client`, its operations included.
 * @throws Error when another number of rows was changed than planned: then the checker itself is wrong, or somebody else writes to its rows
 */
export async function executeStep(client: pg.ClientBase, step: PlanStep): Promise<void> {
  switch (step.kind) {
    case 'savepoint':
      return void (await client.query('SAVEPOINT here'));
    case 'rollback-to-savepoint':
      return void (await client.query('ROLLBACK TO SAVEPOINT here'));
    case 'insert':
      if (step.how === 'copy') await copyPersons(client, step.rows);
      else expectRows(await client.query(insertRows, [JSON.stringify(step.rows)]), step.rows.length);
      break;
    case 'update':
      expectRows(await client.query(step.onlyName ? updateNames : updateRows, [JSON.stringify(withOldKeys(step))]), step.rows.length);
      break;
    case 'delete':
      expectRows(await client.query(deleteRows, [JSON.stringify(step.rows)]), step.rows.length);
      break;
  }
  await client.query(insertOps, [JSON.stringify(step.ops.map(opRow))]);
}

function withOldKeys({ from, rows }: PlanStep & { kind: 'update' }): object[] {
  return rows.map((row, index) => ({ ...row, old_code: from[index]?.so_dinh_danh, old_province: from[index]?.ma_tinh }));
}

function expectRows({ rowCount }: pg.QueryResult, expected: number): void {
  if (rowCount !== expected) throw new Error(`a statement of the checker changed ${rowCount} rows instead of ${expected}`);
}

function opRow({ opId, key, keySeq, op, rowHash, viewHash }: Op): Readonly<Record<(typeof opColumns)[number], string | number | null>> {
  return {
    op_id: opId,
    key,
    key_seq: keySeq,
    op,
    row_hash: rowHash,
    view_hash: viewHash,
    partition_hash: positiveMurmur2((JSON.parse(key) as [string, string])[0]),
  };
}

/** Rows of any number, as they come. */
export async function copyPersons(client: pg.ClientBase, rows: Iterable<PersonRow>): Promise<void> {
  await copyLines(
    client,
    `COPY ${checkedTable} (${names}) FROM STDIN`,
    lines(rows, (row) => personColumns.map((name) => copyText(row[name]))),
  );
}

/** Operations of any number, as they come. */
export async function copyOps(client: pg.ClientBase, ops: Iterable<Op>): Promise<void> {
  await copyLines(
    client,
    `COPY checker._oplog (${opColumns.join(', ')}) FROM STDIN`,
    lines(ops, (op) => {
      const row = opRow(op);
      return opColumns.map((name) => copyText(row[name]));
    }),
  );
}

function* lines<T>(items: Iterable<T>, cells: (item: T) => string[]): Generator<string> {
  for (const item of items) yield `${cells(item).join('\t')}\n`;
}

const chunkCharacters = 64 * 1024;

async function copyLines(client: pg.ClientBase, statement: string, texts: Iterable<string>): Promise<void> {
  const stream = client.query(copyFrom(statement));
  const done = finished(stream);
  done.catch(() => undefined);
  let chunk = '';
  for (const text of texts) {
    chunk += text;
    if (chunk.length < chunkCharacters) continue;
    if (!stream.write(chunk)) await Promise.race([new Promise((resolve) => stream.once('drain', resolve)), done]);
    chunk = '';
    // The lines to the servers run in this process too, and a million rows take long to make.
    await nextTurn();
  }
  stream.end(chunk);
  await done;
}

/** A value in COPY's text format; lists are arrays of texts, objects are JSON. */
function copyText(value: unknown): string {
  if (value === null || value === undefined) return '\\N';
  if (Array.isArray(value)) return escaped(`{${value.map((item) => JSON.stringify(item)).join(',')}}`);
  return escaped(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
}
