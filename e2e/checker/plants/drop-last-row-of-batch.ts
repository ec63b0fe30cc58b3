import type { Plant } from '../plant.js';

export const plant: Plant = {
  name: 'drop-last-row-of-batch',
  describes: 'the last of several rows that are read together is not published',
  caughtBy: 'I1',
  scenario: 'kill-distributor',
  edits: [
    {
      file: 'libs/pipeline/src/capture-messages.ts',
      find: 'part.changes.flatMap((change)',
      replace: 'part.changes.slice(0, Math.max(1, part.changes.length - 1)).flatMap((change)',
    },
  ],
};
