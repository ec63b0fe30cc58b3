import { join } from 'node:path';
import { buildChanged, checkoutRoot } from '@truc/local-stack';
import type { Plant } from './plant.js';

/**
 * Builds a bug into a copy of all rooms.
 * @returns the folder whose `apps/<name>/dist` have the bug
 * @throws TrucError as `buildChanged`
 */
export async function buildPlanted(plant: Plant, root = join(checkoutRoot, '.truc', 'planted', plant.name)): Promise<string> {
  await buildChanged(plant.edits, root);
  return root;
}
