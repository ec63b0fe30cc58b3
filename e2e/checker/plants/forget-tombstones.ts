import type { Plant } from '../plant.js';

export const plant: Plant = {
  name: 'forget-tombstones',
  describes: 'a target does not remember what was deleted, so that an older event brings the row back',
  caughtBy: 'I4',
  scenario: 'replay-topic',
  edits: [
    {
      file: 'libs/postgres-apply/src/table-merge.ts',
      find: 'applied += (await this.#session.query(this.#statements.recordDeleted, dated)).rowCount ?? 0;',
      replace: '',
    },
  ],
};
