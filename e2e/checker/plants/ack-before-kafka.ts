import type { Plant } from '../plant.js';

export const plant: Plant = {
  name: 'ack-before-kafka',
  describes: 'the agent stores a position as captured while Kafka has not acknowledged the data before it',
  caughtBy: 'I1',
  scenario: 'kill-agent',
  edits: [{ file: 'libs/pipeline/src/capture-store.ts', find: 'await this.#batches.acknowledged();', replace: '' }],
};
