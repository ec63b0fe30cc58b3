import { steadyWorkload, type Scenario } from '../scenario.js';
import { query } from '../sql.js';
import type { Stage } from '../stage.js';
import { targetDigest } from '../target-rows.js';

const workMs = 8_000;

/** Who reads a topic again, and into which database. */
const readers = [
  { target: 'the general database', process: 'general-database', database: 'generalDatabase', topics: 'data.g01.population.resident.%' },
  { target: 'the subscriber', process: 'agent-g12', database: 'socialInsurance', topics: 'view.%' },
] as const;

async function run(stage: Stage): Promise<void> {
  const { backbone, process, writers, history, random, quick, sleep, untilDrained } = stage;
  await sleep(workMs);
  await writers.pause();
  await untilDrained();
  for (const { target, process: name, database, topics } of readers) {
    const url = backbone.databases[database];
    // From the beginning, and from somewhere in the middle of each partition.
    for (const share of quick ? [0] : [0, random.next()]) {
      const part = process(name);
      await part.stop();
      const before = await targetDigest(url);
      const detail = share === 0 ? 'from the beginning' : `the last ${Math.round((1 - share) * 100)} % of each partition`;
      const records = await history.during({ kind: 'replay', target, detail }, async () => {
        const rewound = await rewind(url, topics, share);
        await part.start();
        return rewound;
      });
      await untilDrained();
      await part.stop();
      history.add({ kind: 'replayed', target, topic: topics, records, before, after: await targetDigest(url) });
      await part.start();
    }
  }
  writers.resume();
}

/** Puts the stored offsets back to a share of what they were. @returns by how many offsets */
async function rewind(url: string, topics: string, share: number): Promise<number> {
  const [row] = await query<{ offsets: string }>(
    url,
    `WITH before AS (SELECT consumer, topic, partition, next_offset FROM truc.offsets WHERE topic LIKE $1 AND next_offset > 0 FOR UPDATE),
       moved AS (UPDATE truc.offsets o SET next_offset = floor(b.next_offset * $2::double precision)
                   FROM before b WHERE (o.consumer, o.topic, o.partition) = (b.consumer, b.topic, b.partition) RETURNING b.next_offset - o.next_offset AS by)
     SELECT coalesce(sum(by), 0)::text AS offsets FROM moved`,
    [topics, share],
  );
  return Number(row?.offsets ?? '0');
}

export const scenario: Scenario = {
  name: 'replay-topic',
  describes: 'whole topics and parts of them are read again into the targets',
  expectedGaps: [],
  invariants: ['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8', 'I9'],
  needsOwnBackbone: true,
  mayRepeat: false,
  workload: steadyWorkload,
  pausesWriters: true,
  run,
};
