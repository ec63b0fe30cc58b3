import type { Plant } from '../plant.js';

export const plant: Plant = {
  name: 'continue-after-slot-jump',
  describes: 'the agent reads on from a slot that stands further than it has stored',
  caughtBy: 'I9',
  scenario: 'slot-advanced',
  edits: [
    {
      file: 'libs/postgres-capture/src/slot-verdict.ts',
      find: 'confirmedFlushLsn > stored + 1n',
      replace: 'confirmedFlushLsn > 2n ** 64n',
    },
  ],
};
