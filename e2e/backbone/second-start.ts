import { topicNames } from '@truc/coordination';
import { runLife } from '@truc/demo';
import { openLogReader } from '@truc/kafka';
import { agencySlug } from '@truc/kernel';
import { readMetrics } from '@truc/local-stack';
import { scanToEnd } from '@truc/pipeline';
import { eventually, readReceipts, receiptProblems } from '@truc/testing';
import type { BackboneScene } from './backbone-scene.js';

/** The same backbone, stopped and started. */
export function goesOnWhereItWas(scene: BackboneScene): void {
  it('goes on where it was at the second start, with no second snapshot', async () => {
    const states = async () => {
      const reader = openLogReader({ connection: scene.superUser() });
      try {
        let last: unknown = null;
        for await (const record of scanToEnd(reader, topicNames.state('G01'), 0, -2n, scene.signal))
          last = JSON.parse(record.value?.toString('utf8') ?? 'null');
        return last as { epoch: number; snapshots: { table: string; rowsRead: number; done: boolean }[] };
      } finally {
        await reader.close();
      }
    };
    const before = await states();
    await scene.startAgain();
    await runLife(
      scene.backbone.world,
      { populationUrl: scene.backbone.databases.population },
      { seed: 11, eventsPerSecond: 1_000, events: 20 },
    );
    expect((await scene.reconciled()).verdict).toBe('equal');
    const after = await states();
    expect(after.epoch).toBe(before.epoch);
    expect(after.snapshots).toEqual(before.snapshots);
    const samples = await readMetrics([scene.backbone.urls['agent-g01'] ?? '']);
    // Of the second process alone: the few events since, not the thousand rows of a snapshot.
    await eventually(() => (samples.sum('truc_capture_rows', { dataset: 'population.resident' }) ?? 0) > 0);
    expect(samples.sum('truc_capture_rows', { dataset: 'population.resident' })).toBeLessThan(500);
  }, 180_000);
}

/** Of the first start and of the second. */
export function hasReceiptsOfEverything(scene: BackboneScene): void {
  it('has a receipt of every record that the general database and the subscriber were given, before and after the second start', async () => {
    const policy = await scene.backbone.policy();
    const datasets = policy.flatMap((entry) => (entry.kind === 'dataset' ? [{ ...entry, consumer: 'general-database' }] : []));
    const given = [...datasets, { ...(await scene.view()), consumer: agencySlug('G12.34') }];
    const reader = openLogReader({ connection: scene.superUser() });
    try {
      await eventually(async () => {
        const receipts = (await readReceipts(reader, topicNames.receipts)).map(({ receipt }) => receipt);
        expect(new Set(receipts.map(({ consumer, topic }) => `${consumer} ${topic}`))).toEqual(
          new Set(given.map(({ consumer, topic }) => `${consumer} ${topic}`)),
        );
        for (const topic of given) expect(await receiptProblems(reader, topic, receipts)).toEqual([]);
      });
    } finally {
      await reader.close();
    }
  }, 60_000);
}
