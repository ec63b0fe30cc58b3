import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TrucError } from '@truc/kernel';
import { parse } from 'csv-parse/sync';
import { lastDayBefore, mergedOn, provincesOfMerger, type Commune, type CommuneType, type Division } from './division.js';

/**
 * The real communes and the real merger of 1 July 2025, from the lists in `directory` (`administrative-units/communes.csv`, `pre-2025/communes.csv`, `pre-2025/mapping-2025.csv`).
 * @throws TrucError DEMO_REFERENCE_UNREADABLE
 */
export function referenceDivision(directory: string): Division {
  const table = (file: string): Record<string, string>[] => {
    const path = join(directory, 'administrative-units', file);
    try {
      return parse(readFileSync(path, 'utf8'), { columns: true }) as Record<string, string>[];
    } catch (cause) {
      throw new TrucError(
        'DEMO_REFERENCE_UNREADABLE',
        `the list ${path} cannot be read; leave out the reference directory to work with invented communes`,
        { cause },
      );
    }
  };
  // Twelve communes were dissolved before the merger; nobody lives there any more.
  const communesBefore = table('pre-2025/communes.csv')
    .filter((row) => row['in_force_2025_06_30'] === 'true')
    .map(communeOf);
  const communesAfter = table('communes.csv').map(communeOf);
  const successors = new Map<string, string[]>();
  for (const row of table('pre-2025/mapping-2025.csv')) {
    const { old_level: level, old_code: old = '', new_code: target = '' } = row;
    if (level !== 'commune') continue;
    const targets = successors.get(old);
    if (targets === undefined) successors.set(old, [target]);
    else if (!targets.includes(target)) targets.push(target);
  }
  return { mergedOn, lastDayBefore, ...provincesOfMerger, communesBefore, communesAfter, successors };
}

function communeOf(row: Record<string, string>): Commune {
  const { code = '', name = '', unit_type: type = '', province_code: province = '' } = row;
  return { code, name: name.normalize('NFC'), type: type as CommuneType, province };
}
