import type { Plant } from './plant.js';
import { plant as ackBeforeKafka } from './plants/ack-before-kafka.js';
import { plant as applyWithoutPositionGuard } from './plants/apply-without-position-guard.js';
import { plant as continueAfterSlotJump } from './plants/continue-after-slot-jump.js';
import { plant as dropLastRowOfBatch } from './plants/drop-last-row-of-batch.js';
import { plant as forgetTombstones } from './plants/forget-tombstones.js';
import { plant as projectForbiddenField } from './plants/project-forbidden-field.js';
import { plant as reorderTwoUpdates } from './plants/reorder-two-updates.js';
import { plant as skipTruncate } from './plants/skip-truncate.js';

/** Every planted bug, in the order in which a change takes its way. */
export const plants: readonly Plant[] = [
  continueAfterSlotJump,
  dropLastRowOfBatch,
  reorderTwoUpdates,
  skipTruncate,
  ackBeforeKafka,
  projectForbiddenField,
  applyWithoutPositionGuard,
  forgetTombstones,
];
