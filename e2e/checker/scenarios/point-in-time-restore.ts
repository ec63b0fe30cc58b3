import { TrucError } from '@truc/kernel';
import { checkedSlot, storedEpoch, untilCapturedAgain } from '../checked-slot.js';
import { steadyWorkload, type Scenario } from '../scenario.js';
import { copySource, restoreSource } from '../source-copy.js';
import { noteTakenBack } from '../oplog.js';
import { query } from '../sql.js';
import type { Stage } from '../stage.js';

const workMs = 6_000;
const patienceMs = 60_000;

async function run(stage: Stage): Promise<void> {
  const { own, process, writers, history, backbone, sleep, untilDrained } = stage;
  const { population } = backbone.databases;
  const { sourceDataDirectory } = own();
  const server = process('source PostgreSQL');
  await sleep(workMs);
  await writers.pause();
  const copy = await copySource(population, sourceDataDirectory);
  const copiedAtMs = history.now();
  const goBack = writers.checkpoint();
  writers.resume();
  await sleep(workMs);
  await writers.pause();
  const epoch = await storedEpoch(backbone, stage.signal);
  // All of what will be lost is published: nothing that the source says later takes it back by itself.
  await untilDrained();
  history.add({ kind: 'captured-before', beforeMs: copiedAtMs });
  const detail = 'the server of the sources is restored to an earlier time';
  await history.during({ kind: 'restore', target: server.name, detail }, async () => {
    await server.stop('at-once');
    restoreSource(copy, sourceDataDirectory);
    await server.start();
    await untilPromoted(stage);
  });
  history.add({ kind: 'taken-back', epoch, afterLsn: copy.lsn.toString() });
  await noteTakenBack(population, goBack());
  writers.resume();
  await untilCapturedAgain(stage);
  await sleep(workMs);
}

async function untilPromoted({ backbone, sleep }: Stage): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const [row] = await query<{ recovering: boolean }>(backbone.databases.population, 'SELECT pg_is_in_recovery() AS recovering');
    if (row?.recovering === false) return;
    if (performance.now() > deadline)
      throw new TrucError('CHECKER_RESTORE_UNFINISHED', `the restored source still recovers after ${patienceMs / 1_000} s`);
    await sleep(200);
  }
}

export const scenario: Scenario = {
  name: 'point-in-time-restore',
  describes: 'the source is put back to an earlier time, and what was published since is in it no more',
  // Both sources stand on the server that is restored.
  expectedGaps: [
    { agency: checkedSlot.agency, source: 'population', code: 'CAPTURE_SOURCE_RESTORED' },
    { agency: 'G12', source: 'administrative', code: 'CAPTURE_SOURCE_RESTORED' },
  ],
  invariants: ['I1', 'I2', 'I3', 'I4', 'I5', 'I7', 'I8', 'I9'],
  needsOwnBackbone: true,
  mayRepeat: false,
  workload: steadyWorkload,
  pausesWriters: true,
  run,
};
