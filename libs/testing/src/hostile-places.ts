import { parseAvroSchema, type AvroSchema } from '@truc/avro';
import { varint, type ChangedBytes } from './hostile-bytes.js';

/** Good bytes with one place of their schema changed, so that no reader can take them. */
export interface ChangedPlace extends ChangedBytes {
  /** `after.person_full_name`; a map's key is `{key}`, an item `[]`. */
  readonly path: string;
}

interface Place {
  readonly path: string;
  readonly kind: 'text' | 'bytes' | 'count' | 'choice' | 'int' | 'long';
  /** Where its number begins and ends, and where what it is the length of ends. */
  readonly at: number;
  readonly end: number;
  readonly contentEnd: number;
}

/**
 * A framed message, changed at every place where its schema has a number that says how much is to come, which branch is taken or what it means, and at every text: as far as the good message has such a
 * place. Each is named by what was done (`2^28 items`), and by its path.
 */
export function hostilePlaces(framed: Buffer, schemaText: string): readonly ChangedPlace[] {
  const places = placesOf(framed, parseAvroSchema(schemaText));
  return places.flatMap((place) => changesOf(framed, place).map(([name, bytes]) => ({ name, path: place.path, bytes })));
}

function changesOf(framed: Buffer, { path, kind, at, end, contentEnd }: Place): [string, Buffer][] {
  const put = (bytes: Buffer, upTo = end): Buffer => Buffer.concat([framed.subarray(0, at), bytes, framed.subarray(upTo)]);
  const number = (value: bigint): Buffer => put(varint(value));
  const endless: [string, Buffer] = ['a number without end', put(Buffer.alloc(11, 0xff))];
  const lengths: [string, Buffer][] = [
    ['a length of 2^28', number(2n ** 28n)],
    ['a length of 2^62', number(2n ** 62n)],
    ['a negative length', number(-5n)],
    endless,
  ];
  const text = (content: Buffer): Buffer => put(Buffer.concat([varint(BigInt(content.length)), content]), contentEnd);
  switch (kind) {
    case 'text':
      return [
        ...lengths,
        ['a byte that is not UTF-8', text(Buffer.from([0x61, 0xff]))],
        ['half a character', text(Buffer.from([0xed, 0xa0, 0x80]))],
        ['more bytes than a character needs', text(Buffer.from([0xc0, 0x80]))],
        // Only in a row is it no text: what is beside it, nobody keeps.
        ...(path.startsWith('after.') ? [['NUL in text', text(Buffer.from('a\0b'))] as [string, Buffer]] : []),
      ];
    case 'bytes':
      return lengths;
    case 'count':
      return [['2^28 items', number(2n ** 28n)], ['2^62 items', number(2n ** 62n)], endless];
    case 'choice':
      return [['a branch that is none', number(4_000n)], ['a branch below the first', number(-1n)], endless];
    case 'int':
      return [['an int of 2^40', number(2n ** 40n)], endless];
    case 'long':
      return [endless];
  }
}

/** Walks good bytes behind their frame. */
function placesOf(framed: Buffer, schema: AvroSchema): Place[] {
  const places: Place[] = [];
  let at = 5;
  const number = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = framed.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return (value >> 1n) ^ -(value & 1n);
    }
  };
  const place = (path: string, kind: Place['kind']): bigint => {
    const from = at;
    const value = number();
    const isContent = kind === 'text' || kind === 'bytes';
    places.push({ path, kind, at: from, end: at, contentEnd: isContent ? at + Number(value) : at });
    if (isContent) at += Number(value);
    return value;
  };
  const blocks = (path: string, item: () => void): void => {
    for (let count = place(path, 'count'); count !== 0n; count = place(path, 'count')) {
      if (count < 0n) number();
      for (let left = count < 0n ? -count : count; left > 0n; left--) item();
    }
  };
  const walk = (each: AvroSchema, path: string): void => {
    switch (each.type) {
      case 'null':
        return;
      case 'boolean':
        at += 1;
        return;
      case 'float':
        at += 4;
        return;
      case 'double':
        at += 8;
        return;
      case 'fixed':
        at += each.size;
        return;
      case 'int':
      case 'long':
        return void place(path, each.type);
      case 'enum':
        return void place(path, 'choice');
      case 'string':
        return void place(path, 'text');
      case 'bytes':
        return void place(path, 'bytes');
      case 'record':
        for (const field of each.fields) walk(field.schema, path === '' ? field.name : `${path}.${field.name}`);
        return;
      case 'array':
        return blocks(path, () => walk(each.items, `${path}[]`));
      case 'map':
        return blocks(path, () => {
          place(`${path}{key}`, 'text');
          walk(each.values, `${path}{}`);
        });
      case 'union': {
        const branch = each.branches[Number(place(path, 'choice'))];
        if (branch !== undefined) walk(branch, path);
      }
    }
  };
  walk(schema, '');
  return places;
}
