import type { Commune, Division } from './division.js';
import { makeHousehold } from './household-making.js';
import { inventedDivision } from './invented-division.js';
import { PersonalIdIssuer } from './personal-id.js';
import { seededRandom } from './random.js';
import { referenceDivision } from './reference-division.js';
import type { Household, Resident } from './resident.js';
import { defects, type Violation } from './violations.js';

export interface WorldOptions {
  /** The same seed makes the same world. */
  readonly seed: number;
  /** Rows of `dancu.cong_dan`, those that must be refused included. At least 1. */
  readonly residents: number;
  /** Directory with the real lists of communes (`administrative-units/`); invented ones without it. */
  readonly referenceDir?: string;
  /** How many residents must be refused; as many as there are kinds of defect if left out, fewer in a tiny world. */
  readonly violations?: number;
}

/** A resident outside every household whose row breaks a rule, with the row as it ought to be. */
export interface BrokenResident {
  readonly broken: Resident;
  readonly sound: Resident;
  readonly violation: Violation;
  /** Null where only a new row mends it. */
  readonly mend: { readonly column: string; readonly value: string } | null;
}

/** Everything the demo is about, the day before communes merge. Rows are made while they are read, so a large world needs no memory. */
export interface World {
  readonly seed: number;
  readonly residents: number;
  readonly division: Division;
  readonly broken: readonly BrokenResident[];
  /** The rows that the dictionary must refuse. */
  readonly violations: readonly Violation[];
  /** The same households, in the same order, every time. */
  households(): Generator<Household>;
}

/** @throws TrucError DEMO_REFERENCE_UNREADABLE */
export function createWorld({ seed, residents, referenceDir, violations }: WorldOptions): World {
  const division = referenceDir === undefined ? inventedDivision(seed) : referenceDivision(referenceDir);
  const draw = communeDraw(division);
  const brokenCount = Math.min(violations ?? defects.length, Math.floor(residents / 10));
  const broken = Array.from({ length: brokenCount }, (_, i) => brokenResident(seed, i, draw, division));
  return {
    seed,
    residents,
    division,
    broken,
    violations: broken.map(({ violation }) => violation),
    *households() {
      const issuer = new PersonalIdIssuer();
      const random = seededRandom(seed, 'places');
      let left = residents - brokenCount;
      for (let index = 0; left > 0; index++) {
        const household = makeHousehold(seed, { commune: draw(random.next()), index }, Math.min(left, 6), division, issuer);
        left -= household.members.length;
        yield household;
      }
    },
  };
}

/** Draws communes so that provinces have their share of the people. */
function communeDraw({ provincesBefore, communesBefore }: Division): (draw: number) => Commune {
  const byProvince = Map.groupBy(communesBefore, ({ province }) => province);
  const shares: { readonly until: number; readonly communes: readonly Commune[] }[] = [];
  let until = 0;
  for (const { code, weight } of provincesBefore) {
    until += weight;
    shares.push({ until, communes: byProvince.get(code) ?? [] });
  }
  return (draw) => {
    const at = draw * until;
    let low = 0;
    let high = shares.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((shares[middle]?.until ?? 0) > at) high = middle;
      else low = middle + 1;
    }
    const share = shares[low];
    const start = low === 0 ? 0 : (shares[low - 1]?.until ?? 0);
    const commune = share?.communes[Math.floor(((at - start) / (share.until - start)) * share.communes.length)];
    if (commune === undefined) throw new RangeError('a province without communes');
    return commune;
  };
}

/** Numbers of its own prefix years keep these residents apart from those in households: they are born in 1985, a year whose sequence is offset. */
function brokenResident(seed: number, index: number, draw: (draw: number) => Commune, division: Division): BrokenResident {
  const defect = defects[index % defects.length];
  if (defect === undefined) throw new RangeError('no such defect');
  const random = seededRandom(seed, 'broken', index);
  const household = makeHousehold(seed, { commune: draw(random.next()), index: -1 - index }, 1, division, new PersonalIdIssuer());
  const [head] = household.members;
  if (head === undefined) throw new RangeError('a household without a head');
  const made = { ...head.resident, fullName: head.resident.fullName.normalize('NFC').trim(), lifeStatus: 1 };
  // A sequence that the issuer reaches last, after 999,000 others of the same province, sex and year.
  const sound: Resident = { ...made, personalId: lastNumbers(made.personalId, index) };
  const broken = defect.break(sound, division);
  const { rule, column, reason } = defect;
  return { broken, sound, violation: { personalId: broken.personalId, rule, column, reason }, mend: defect.mend?.(sound) ?? null };
}

/** The issuer starts each prefix at `prefix` and strides on; going back from there gives what it issues last. */
function lastNumbers(personalId: string, index: number): string {
  const prefix = personalId.slice(0, 6);
  const sequence = (((Number(prefix) - 611_953 * (index + 1)) % 1_000_000) + 1_000_000) % 1_000_000;
  return prefix + String(sequence).padStart(6, '0');
}
