import type { RowValue } from '@truc/kernel';
import type { ValueDomain } from './entry.js';
import { unscaledBound } from './unscaled-bound.js';
import type { ValueReason } from './value-violation.js';
import { vietnamDayOfMicros } from './vietnam-day.js';

export type NumberTest = (value: RowValue) => ValueReason | null;

/** Type, precision and range of a number, date or instant, and whether it may lie in the future. */
export function numberTest(domain: ValueDomain, today: () => number): NumberTest {
  const pastOnly = domain.checkRule === 'not-in-future';
  // What lies before it is over: most dates are, and asking the clock costs more than all else that is judged of them.
  let longPast = -Infinity;
  const isAhead = (day: number): boolean => {
    if (day <= longPast) return false;
    const now = today();
    longPast = now - 366;
    return day > now;
  };
  switch (domain.avroType) {
    case 'int': {
      const inRange = numberRange(domain);
      return (value) => {
        if (typeof value !== 'number' || (value | 0) !== value) return 'type';
        if (pastOnly && isAhead(value)) return 'in-future';
        return inRange(value);
      };
    }
    case 'long': {
      const inRange = bigRange(domain, 0);
      return (value) => {
        if (typeof value !== 'bigint' || BigInt.asIntN(64, value) !== value) return 'type';
        if (pastOnly && isAhead(vietnamDayOfMicros(value))) return 'in-future';
        return inRange(value);
      };
    }
    case 'bytes': {
      const bound = 10n ** BigInt(domain.precision ?? 1);
      const inRange = bigRange(domain, domain.scale ?? 0);
      return (value) => {
        if (typeof value !== 'bigint') return 'type';
        if (value >= bound || value <= -bound) return 'precision';
        return inRange(value);
      };
    }
    default: {
      const inRange = numberRange(domain);
      return (value) => (typeof value === 'number' && Number.isFinite(value) ? inRange(value) : 'type');
    }
  }
}

function numberRange({ minimum, maximum }: ValueDomain): (value: number) => ValueReason | null {
  const low = minimum === null ? -Infinity : Number(minimum);
  const high = maximum === null ? Infinity : Number(maximum);
  return (value) => (value < low ? 'below-minimum' : value > high ? 'above-maximum' : null);
}

function bigRange({ minimum, maximum }: ValueDomain, scale: number): (value: bigint) => ValueReason | null {
  const low = minimum === null ? null : unscaledBound(minimum, scale);
  const high = maximum === null ? null : unscaledBound(maximum, scale);
  return (value) => (low !== null && value < low ? 'below-minimum' : high !== null && value > high ? 'above-maximum' : null);
}
