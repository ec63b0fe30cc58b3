import { TrucError } from '@truc/kernel';

/** A byte position in PostgreSQL's write-ahead log, 0 to 2^64 - 1. */
export type Lsn = bigint;

const pattern = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/;

/** PostgreSQL's text form (`16/B374D848`). @throws TrucError CAPTURE_LSN_INVALID */
export function parseLsn(text: string): Lsn {
  const [, high, low] = pattern.exec(text) ?? [];
  if (high === undefined || low === undefined) {
    throw new TrucError(
      'CAPTURE_LSN_INVALID',
      `"${text.slice(0, 40)}" is not an LSN: two hexadecimal numbers with a slash, as in 16/B374D848`,
    );
  }
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}

export function formatLsn(lsn: Lsn): string {
  return `${(lsn >> 32n).toString(16).toUpperCase()}/${(lsn & 0xffffffffn).toString(16).toUpperCase()}`;
}
