import type { Plant } from '../plant.js';

export const plant: Plant = {
  name: 'apply-without-position-guard',
  describes: 'a target writes a row without comparing its position with the one that it holds',
  caughtBy: 'I6',
  scenario: 'replay-topic',
  edits: [
    {
      file: 'libs/postgres-apply/src/table-statements.ts',
      find: 'WHERE t.${POSITION_COLUMN} < excluded.${POSITION_COLUMN}`',
      replace: '`',
    },
  ],
};
