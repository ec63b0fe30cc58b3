import type { Plant } from '../plant.js';

export const plant: Plant = {
  name: 'skip-truncate',
  describes: 'a truncate of a captured table is passed over, and its rows stay published',
  caughtBy: 'I5',
  scenario: 'truncate-and-insert',
  edits: [{ file: 'libs/pipeline/src/capture-messages.ts', find: 'await sweeper.truncated(part.truncate, transaction);', replace: '' }],
};
