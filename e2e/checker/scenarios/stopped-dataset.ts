import { demoDocuments } from '@truc/demo';
import { TrucError } from '@truc/kernel';
import type { BackboneAccess } from '../backbone-access.js';
import {
  checkedSlot,
  isConfirmedPast,
  noteCaptured,
  noteStandingApart,
  slotPlace,
  untilCapturedAgain,
  untilSlot,
} from '../checked-slot.js';
import { steadyWorkload, type Scenario } from '../scenario.js';
import { query } from '../sql.js';
import type { Stage } from '../stage.js';

const workMs = 4_000;
const lookMs = 250;
const patienceMs = 60_000;
/** Of the log that the source keeps, in the second part. */
const limitBytes = 1_048_576;
const [dataset, other] = ['population.resident', 'population.household'];

/** What is applied of the population's documents while the scenario lasts; without anything they are as they were. */
async function apply({ platform }: BackboneAccess, { stops = false, limit = false } = {}): Promise<void> {
  const files = demoDocuments().map(({ path, text }) => ({
    path,
    text: text
      .replace(`name: ${dataset}\n`, stops ? `name: ${dataset}\n  rules: { V3: stop }\n` : `name: ${dataset}\n`)
      .replace('database: population\n', limit ? `database: population\n  heldLogBytesMax: ${limitBytes}\n` : 'database: population\n'),
  }));
  const answer = await platform.apply(files);
  if ('problems' in answer) throw new TrucError('CHECKER_DOCUMENTS_REFUSED', answer.problems.map(({ message }) => message).join('; '));
}

/** Waits until the agent tells this of the dataset; null where it is captured with the others. @throws TrucError CHECKER_DATASET_UNCHANGED */
async function untilDataset({ backbone, sleep }: Stage, wanted: string | null): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const answer = await backbone.platform.command(checkedSlot.agency, 'status', 'population').catch(() => null);
    const told = answer?.detail[`source/population/${dataset}`] as { readonly kind?: string } | undefined;
    const flow = answer?.detail['source/population'] as { readonly kind?: string } | undefined;
    if (flow?.kind === 'running' && (told?.kind ?? null) === wanted) return;
    if (performance.now() > deadline)
      throw new TrucError(
        'CHECKER_DATASET_UNCHANGED',
        `${dataset} is not ${wanted ?? 'captured with the others'} after ${patienceMs / 1_000} s`,
      );
    await sleep(lookMs);
  }
}

/** A change of the other dataset of the source, which changes nothing in it, has to arrive while the first one is stopped. @throws TrucError CHECKER_DATASET_UNCHANGED */
async function untilOtherArrives({ backbone, sleep }: Stage): Promise<void> {
  const before = await otherPosition(backbone);
  await query(
    backbone.databases.population,
    'UPDATE dancu.ho_gia_dinh SET so_thanh_vien = so_thanh_vien WHERE ma_ho = (SELECT min(ma_ho) FROM dancu.ho_gia_dinh)',
  );
  const deadline = performance.now() + patienceMs;
  while ((await otherPosition(backbone)) <= before) {
    if (performance.now() > deadline)
      throw new TrucError(
        'CHECKER_DATASET_UNCHANGED',
        `${other} did not arrive while ${dataset} is stopped, after ${patienceMs / 1_000} s`,
      );
    await sleep(lookMs);
  }
}

/** How far the general database has read the other dataset: the sum of its next offsets. */
async function otherPosition({ databases }: BackboneAccess): Promise<bigint> {
  const [row] = await query<{ read: string }>(
    databases.generalDatabase,
    `SELECT coalesce(sum(next_offset), 0)::text AS read FROM truc.offsets WHERE topic LIKE 'data.g01.' || $1 || '.v%'`,
    [other],
  );
  return BigInt(row?.read ?? 0);
}

async function run(stage: Stage): Promise<void> {
  const { backbone, history, process, sleep } = stage;
  const { population } = backbone.databases;
  const agent = process(checkedSlot.agent);
  await history.during({ kind: 'dataset-stopped', target: dataset, detail: 'by a choice that is mended later' }, async () => {
    await apply(backbone, { stops: true });
    await untilDataset(stage, 'stopped');
    await noteStandingApart(stage);
    const current = (await slotPlace(population))?.current ?? '0/0';
    await untilOtherArrives(stage);
    await agent.kill();
    await sleep(workMs);
    await agent.start();
    await untilDataset(stage, 'stopped');
    await untilOtherArrives(stage);
    if (await isConfirmedPast(population, current))
      throw new TrucError(
        'CHECKER_SLOT_UNCHANGED',
        `the slot ${checkedSlot.slot} was confirmed past what the stopped ${dataset} still needs`,
      );
    await apply(backbone);
    await untilDataset(stage, null);
    await untilSlot(stage, `is not confirmed up to ${current}`, () => isConfirmedPast(population, current));
  });
  await sleep(workMs);
  await noteCaptured(stage);
  await history.during(
    { kind: 'dataset-stopped', target: dataset, detail: 'until more is kept for it than its source grants' },
    async () => {
      await apply(backbone, { stops: true, limit: true });
      await untilCapturedAgain(stage);
      await untilDataset(stage, null);
    },
  );
  await sleep(workMs);
}

export const scenario: Scenario = {
  name: 'stopped-dataset',
  describes:
    'one dataset stops at a row that breaks a rule while the other of its source goes on, its agent is killed meanwhile, and it is mended; then it stops for longer than its source keeps the log for it',
  expectedGaps: [{ agency: checkedSlot.agency, source: 'population', code: 'CAPTURE_HOLD_EXCEEDED' }],
  invariants: ['I1', 'I2', 'I3', 'I4', 'I5', 'I7', 'I8', 'I9'],
  needsOwnBackbone: true,
  mayRepeat: false,
  workload: steadyWorkload,
  // The snapshot that ends the gap would stop at the writers' next bad row.
  mends: (backbone) => apply(backbone),
  run,
};
