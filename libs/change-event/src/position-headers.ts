import { EPOCH_HEADER, POSITION_HEADER, positionFromHeaders, positionHeader, TrucError, type Position } from '@truc/kernel';

interface Header {
  readonly key: string;
  readonly value: Buffer;
}

/** The two headers that give a record its position, so that a tombstone has one too. */
export function positionHeaders(position: Position): Header[] {
  return [
    { key: EPOCH_HEADER, value: Buffer.from(String(position.epoch)) },
    { key: POSITION_HEADER, value: Buffer.from(positionHeader(position)) },
  ];
}

/** @throws TrucError POSITION_INVALID when a header is missing or malformed */
export function positionOf(headers: readonly Header[]): Position {
  let epoch: string | null = null;
  let position: string | null = null;
  for (const header of headers) {
    if (header.key === EPOCH_HEADER) epoch = header.value.toString('latin1');
    else if (header.key === POSITION_HEADER) position = header.value.toString('latin1');
  }
  if (epoch === null || position === null)
    throw new TrucError('POSITION_INVALID', `the record carries no ${epoch === null ? EPOCH_HEADER : POSITION_HEADER} header`);
  return positionFromHeaders(epoch, position);
}
