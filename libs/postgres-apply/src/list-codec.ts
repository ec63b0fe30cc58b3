/** PostgreSQL's binary form of a one-dimensional array without nulls. */
import type { RowItem } from '@truc/kernel';
import type { TargetItemType } from '@truc/pipeline';
import { CopyChunk } from './copy-chunk.js';
import { compileReader, compileWriter, type ValueReader, type ValueWriter } from './value-codec.js';

/** Type oids of PostgreSQL, which never change. */
const itemOids: Readonly<Record<TargetItemType['kind'], number>> = {
  text: 25,
  integer: 23,
  bigint: 20,
  double: 701,
  boolean: 16,
  date: 1082,
  'timestamp-micros': 1184,
  decimal: 1700,
};

/** Number of dimensions, whether there are nulls, oid; and, where there are items, how many and the first one's number. */
const headBytes = 12;
const dimensionBytes = 8;
const itemBytesExpected = 16;

export function listWriter(item: TargetItemType): ValueWriter {
  const write = compileWriter(item);
  const oid = itemOids[item.kind];
  return (value, chunk) => {
    const items = value as readonly RowItem[];
    const head = Buffer.alloc(items.length === 0 ? headBytes : headBytes + dimensionBytes);
    head.writeInt32BE(items.length === 0 ? 0 : 1, 0);
    head.writeInt32BE(oid, 8);
    if (items.length > 0) {
      head.writeInt32BE(items.length, headBytes);
      head.writeInt32BE(1, headBytes + 4);
    }
    const body = new CopyChunk(items.length * itemBytesExpected);
    for (const one of items) write(one, body);
    chunk.binary(Buffer.concat([head, body.bytes()]));
  };
}

/** @param refuse throws: the array holds what nobody of ours wrote */
export function listReader(column: string, item: TargetItemType, refuse: (what: string) => never): ValueReader {
  const read = compileReader(column, item);
  return (bytes) => {
    const dimensions = bytes.readInt32BE(0);
    if (dimensions === 0) return [];
    if (dimensions !== 1 || bytes.readInt32BE(4) !== 0) return refuse('an array of more than one dimension, or one with nulls');
    const items: RowItem[] = [];
    let at = headBytes + dimensionBytes;
    for (let left = bytes.readInt32BE(headBytes); left > 0; left -= 1) {
      const length = bytes.readInt32BE(at);
      const value = read(bytes.subarray(at + 4, at + 4 + length));
      if (typeof value === 'object') return refuse('an array of arrays');
      items.push(value);
      at += 4 + length;
    }
    return items;
  };
}
