import type { Plant } from '../plant.js';

export const plant: Plant = {
  name: 'reorder-two-updates',
  describes: 'what is read together is written last first, so that two updates of one row change places in the log',
  caughtBy: 'I3',
  scenario: 'kill-distributor',
  edits: [
    {
      file: 'libs/pipeline/src/record-batches.ts',
      find: 'const [first, ...rest] = convert();',
      replace: 'const [first, ...rest] = convert().reverse();',
    },
  ],
};
