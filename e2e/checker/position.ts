/** Where an event stands, of the checker's own reading of the headers. */
export interface Place {
  readonly epoch: number;
  readonly sequence: bigint;
  readonly index: number;
}

/** Behind every event up to this sequence; without one behind every event of the epoch. */
export function endOf(epoch: number, sequence: bigint | null = null): Place {
  return { epoch, sequence: sequence ?? 2n ** 64n, index: 2 ** 32 };
}

export function comparePlaces(a: Place, b: Place): number {
  if (a.epoch !== b.epoch) return a.epoch - b.epoch;
  if (a.sequence !== b.sequence) return a.sequence < b.sequence ? -1 : 1;
  return a.index - b.index;
}

export function placeText({ epoch, sequence, index }: Place): string {
  return `${epoch}/${sequence.toString(16).toUpperCase()}/${index}`;
}

/** From the headers `truc-epoch` and `truc-position`; null where they are missing or cannot be read. */
export function placeOfHeaders(headers: readonly { readonly key: string; readonly value: Buffer }[]): Place | null {
  const text = (name: string): string => headers.find(({ key }) => key === name)?.value.toString('latin1') ?? '';
  const match = /^([0-9a-f]{16}):([0-9]+)$/.exec(text('truc-position'));
  const epoch = text('truc-epoch');
  if (match === null || !/^[0-9]+$/.test(epoch)) return null;
  return { epoch: Number(epoch), sequence: BigInt(`0x${match[1]}`), index: Number(match[2]) };
}

/** From the 16 bytes that targets keep. */
export function placeOfBytes(bytes: Buffer): Place {
  return { epoch: bytes.readUInt32BE(0), sequence: bytes.readBigUInt64BE(4), index: bytes.readUInt32BE(12) };
}
