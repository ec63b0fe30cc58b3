/** COPY's text format: tabs between values, a line for each row, `\N` for null. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ClientBase } from 'pg';
import { from } from 'pg-copy-streams';

export type CopyValue = string | number | null;

const chunkChars = 65_536;
const special = /[\\\t\n\r]/;
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function copyLine(values: readonly CopyValue[]): string {
  let line = '';
  for (const [i, value] of values.entries()) {
    if (i > 0) line += '\t';
    if (value === null) line += '\\N';
    else if (typeof value === 'number' || !special.test(value)) line += value;
    else line += value.replace(/[\\\t\n\r]/g, (sign) => escapes[sign] ?? sign);
  }
  return `${line}\n`;
}

function* chunksOf(rows: Iterable<readonly CopyValue[]>): Generator<string> {
  let chunk = '';
  for (const row of rows) {
    chunk += copyLine(row);
    if (chunk.length >= chunkChars) {
      yield chunk;
      chunk = '';
    }
  }
  if (chunk !== '') yield chunk;
}

/** Streams rows into `target` (`table (columns)`), 64 KiB at a time. */
export async function copyRows(client: ClientBase, target: string, rows: Iterable<readonly CopyValue[]>): Promise<void> {
  await pipeline(Readable.from(chunksOf(rows), { objectMode: true, highWaterMark: 4 }), client.query(from(`COPY ${target} FROM STDIN`)));
}

/** The text of a text[] value. */
export function arrayText(items: readonly string[]): string {
  return `{${items.map((item) => `"${item.replace(/[\\"]/g, '\\$&')}"`).join(',')}}`;
}
