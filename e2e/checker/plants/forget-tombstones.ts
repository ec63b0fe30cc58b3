import type { Plant } from '../plant.js';

export const plant: Plant = {
  name: 'forget-tombstones',
  describes: 'a delete is published without the tombstone behind it, so that the log never forgets the row',
  caughtBy: 'I1',
  scenario: 'kill-distributor',
  edits: [
    {
      file: 'libs/pipeline/src/row-publication.ts',
      find: 'capture.record(effect.key, null, position, context.committedAtMs),',
      replace: '',
    },
  ],
};
