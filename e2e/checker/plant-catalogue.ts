import { exportsOf } from './folder-exports.js';
import type { Plant } from './plant.js';

/** Every planted bug: each file of the folder `plants` exports one as `plant`. By name. */
export function allPlants(): Promise<readonly Plant[]> {
  return exportsOf<Plant>('plants', 'plant');
}
