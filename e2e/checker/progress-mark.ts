import { openLogReader } from '@truc/kafka';
import { TrucError } from '@truc/kernel';
import type { DemoDatabase } from '@truc/local-stack';
import { checkedContract } from './checked-contract.js';
import { slotPlace } from './checked-slot.js';
import { query } from './sql.js';
import type { Stage } from './stage.js';

/** How far a process has come, as a text that changes whenever it comes further. */
export type ProgressMark = (stage: Pick<Stage, 'backbone'>) => Promise<string>;

const patienceMs = 90_000;
const lookMs = 250;

/** What the agent has stored and acknowledged of the checked source. */
export const captured: ProgressMark = async ({ backbone }) => (await slotPlace(backbone.databases.population))?.confirmed ?? '';

/** What the distributor has written to the checked view. */
export const fannedOut: ProgressMark = async ({ backbone }) => {
  const { view } = checkedContract(await backbone.policy());
  const reader = openLogReader({ connection: backbone.kafka });
  try {
    let records = 0n;
    for (let partition = 0; partition < (view?.partitions ?? 0); partition += 1)
      records += (await reader.bounds(view?.topic ?? '', partition)).end;
    return records.toString();
  } finally {
    await reader.close();
  }
};

/** What was applied to a target. */
export function appliedTo(database: DemoDatabase): ProgressMark {
  return async ({ backbone }) => {
    const [row] = await query<{ records: string }>(
      backbone.databases[database],
      'SELECT coalesce(sum(next_offset), 0)::text AS records FROM truc.offsets',
    );
    return row?.records ?? '';
  };
}

/** Waits until a process has come further than `from`. @param who for a person @throws TrucError CHECKER_NO_PROGRESS */
export async function untilFurther(stage: Pick<Stage, 'backbone' | 'sleep'>, who: string, mark: ProgressMark, from: string): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while ((await mark(stage)) === from) {
    if (performance.now() > deadline)
      throw new TrucError('CHECKER_NO_PROGRESS', `${who} has come no further for ${patienceMs / 1_000} s while the writers write`);
    await stage.sleep(lookMs);
  }
}
