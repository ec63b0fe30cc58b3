import { demoDocuments } from '@truc/demo';
import { messageOf, TrucError } from '@truc/kernel';
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
/** Inserted behind the truncate. */
const truncatedRows = 500;
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

/** Waits until the agent tells one of these of the dataset; null where it is captured with the others. @throws TrucError CHECKER_DATASET_UNCHANGED */
async function untilDataset({ backbone, sleep }: Stage, ...wanted: readonly (string | null)[]): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const answer = await backbone.platform.command(checkedSlot.agency, 'status', 'population').catch(() => null);
    const told = answer?.detail[`source/population/${dataset}`] as { readonly kind?: string } | undefined;
    const flow = answer?.detail['source/population'] as { readonly kind?: string } | undefined;
    if (flow?.kind === 'running' && wanted.includes(told?.kind ?? null)) return;
    if (performance.now() > deadline)
      throw new TrucError(
        'CHECKER_DATASET_UNCHANGED',
        `${dataset} is not ${wanted.map((kind) => kind ?? 'captured with the others').join(' or ')} after ${patienceMs / 1_000} s`,
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

/** Gives up what is kept for a dataset that is stopped, as a person does. @throws TrucError CHECKER_DATASET_UNCHANGED */
async function giveUp({ backbone, sleep }: Stage): Promise<void> {
  const resolution = { gap: 'CAPTURE_RULE_STOP', dataset, reason: 'given up by the checker' };
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const answer = await backbone.platform.command(checkedSlot.agency, 'resolve', 'population', { resolution }).catch(messageOf);
    if (typeof answer !== 'string' && answer.ok) return;
    if (performance.now() > deadline)
      throw new TrucError(
        'CHECKER_DATASET_UNCHANGED',
        `what is kept for ${dataset} could not be given up: ${typeof answer === 'string' ? answer : answer.message}`,
      );
    await sleep(lookMs);
  }
}

async function run(stage: Stage): Promise<void> {
  const { backbone, history, process, sleep, writers } = stage;
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
    await history.during({ kind: 'truncate', target: 'dancu.cong_dan', detail: 'while its dataset is behind' }, () =>
      writers.truncateAndInsert(truncatedRows, true),
    );
    await sleep(workMs);
    await apply(backbone);
    await untilDataset(stage, 'catching-up', null);
    await history.during({ kind: 'kill', target: agent.name, detail: 'while the dataset catches up' }, async () => {
      await agent.kill();
      await agent.start();
    });
    await untilDataset(stage, null);
    await untilSlot(stage, `is not confirmed up to ${current}`, () => isConfirmedPast(population, current));
  });
  await sleep(workMs);
  await noteCaptured(stage);
  await history.during({ kind: 'dataset-stopped', target: dataset, detail: 'until a person gives up what is kept for it' }, async () => {
    await apply(backbone, { stops: true });
    await untilDataset(stage, 'stopped');
    await giveUp(stage);
    // Its snapshot is judged by the same rules.
    await apply(backbone);
    await untilDataset(stage, null);
  });
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
    'one dataset stops at a row that breaks a rule while the other of its source goes on, its agent is killed meanwhile, its table is truncated, it is mended, and killed again while it catches up; it stops and is given up by a person; then it stops for longer than its source keeps the log for it',
  expectedGaps: [{ agency: checkedSlot.agency, source: 'population', code: 'CAPTURE_HOLD_EXCEEDED' }],
  invariants: ['I1', 'I2', 'I3', 'I4', 'I5', 'I7', 'I8', 'I9'],
  needsOwnBackbone: true,
  mayRepeat: false,
  workload: steadyWorkload,
  // The snapshot that ends the gap would stop at the writers' next bad row.
  mends: (backbone) => apply(backbone),
  run,
};
