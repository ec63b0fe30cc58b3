import { exportsOf } from './folder-exports.js';
import type { Scenario } from './scenario.js';

/** Every scenario: each file of the folder `scenarios` exports one as `scenario`. By name. */
export function allScenarios(): Promise<readonly Scenario[]> {
  return exportsOf<Scenario>('scenarios', 'scenario');
}
