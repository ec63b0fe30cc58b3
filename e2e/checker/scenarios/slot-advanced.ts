import { checkedSlot, noteCaptured, untilCapturedAgain, untilSlot } from '../checked-slot.js';
import { steadyWorkload, type Scenario } from '../scenario.js';
import { query } from '../sql.js';

const awayMs = 3_000;
const workMs = 3_000;

export const scenario: Scenario = {
  name: 'slot-advanced',
  describes: 'somebody advances the slot by hand while the agent is away: what lies between is never sent again',
  expectedGaps: [{ agency: checkedSlot.agency, source: 'population', code: 'CAPTURE_SLOT_AHEAD' }],
  invariants: ['I1', 'I2', 'I3', 'I4', 'I5', 'I7', 'I8', 'I9'],
  needsOwnBackbone: true,
  mayRepeat: false,
  workload: steadyWorkload,
  run: async (stage) => {
    const { process, history, backbone, sleep } = stage;
    const agent = process(checkedSlot.agent);
    await noteCaptured(stage);
    await history.during({ kind: 'slot-advanced', target: checkedSlot.slot }, async () => {
      await agent.kill();
      await untilSlot(stage, 'is still read', (slot) => slot?.activePid === null);
      await sleep(awayMs);
      await query(backbone.databases.population, 'SELECT pg_replication_slot_advance($1, pg_current_wal_lsn())', [checkedSlot.slot]);
      await agent.start();
    });
    await untilCapturedAgain(stage);
    await sleep(workMs);
  },
};
