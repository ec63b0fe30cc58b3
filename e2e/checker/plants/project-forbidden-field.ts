import type { Plant } from '../plant.js';

export const plant: Plant = {
  name: 'project-forbidden-field',
  describes: 'a view carries fields of the dataset in a header that its contract does not name',
  caughtBy: 'I5',
  scenario: 'kill-distributor',
  edits: [
    {
      file: 'libs/pipeline/src/fanout-view.ts',
      find: 'headers: positionHeaders(event.position),',
      replace:
        "headers: [...positionHeaders(event.position), { key: 'row', value: Buffer.from(event.kind === 'tombstone' ? '' : Object.values(event.envelope.after ?? {}).join()) }],",
    },
  ],
};
