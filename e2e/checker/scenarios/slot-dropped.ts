import { checkedSlot, noteCaptured, untilCapturedAgain, untilSlot } from '../checked-slot.js';
import { steadyWorkload, type Scenario } from '../scenario.js';
import { query } from '../sql.js';

const awayMs = 3_000;
const workMs = 3_000;

export const scenario: Scenario = {
  name: 'slot-dropped',
  describes: 'somebody drops the slot while the agent is away: what is written until it returns is lost to it',
  expectedGaps: [{ agency: checkedSlot.agency, source: 'population', code: 'CAPTURE_SLOT_MISSING' }],
  invariants: ['I1', 'I2', 'I3', 'I4', 'I5', 'I7', 'I8', 'I9'],
  needsOwnBackbone: true,
  mayRepeat: false,
  workload: steadyWorkload,
  run: async (stage) => {
    const { process, history, backbone, sleep } = stage;
    const agent = process(checkedSlot.agent);
    await noteCaptured(stage);
    await history.during({ kind: 'slot-dropped', target: checkedSlot.slot }, async () => {
      await agent.kill();
      await untilSlot(stage, 'is still read', (slot) => slot?.activePid === null);
      await query(backbone.databases.population, 'SELECT pg_drop_replication_slot($1)', [checkedSlot.slot]);
      await sleep(awayMs);
      await agent.start();
    });
    await untilCapturedAgain(stage);
    await sleep(workMs);
  },
};
