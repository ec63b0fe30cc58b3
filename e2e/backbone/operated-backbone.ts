import { demoDocuments, runLife } from '@truc/demo';
import { demoSources } from '@truc/local-stack';
import { eventually } from '@truc/testing';
import { query, type BackboneScene } from './backbone-scene.js';

/** Commands to a source. */
export function obeysCommands(scene: BackboneScene): void {
  it('pauses, tells and resumes a source on command; nothing is lost meanwhile', async () => {
    expect(await scene.backbone.platform.command('G01', 'pause', 'population')).toMatchObject({ ok: true });
    expect(await scene.backbone.platform.command('G01', 'status', null)).toMatchObject({
      ok: true,
      detail: { 'source/population': { kind: 'paused' } },
    });
    await runLife(
      scene.backbone.world,
      { populationUrl: scene.backbone.databases.population },
      { seed: 11, eventsPerSecond: 1_000, events: 60 },
    );
    expect(await scene.backbone.platform.command('G01', 'pause', 'nothing')).toMatchObject({ ok: false });
    expect(await scene.backbone.platform.command('G01', 'resume', 'population')).toMatchObject({ ok: true });
    expect((await scene.reconciled()).verdict).toBe('equal');
  }, 120_000);
}

/** Documents that are applied again, and wrong ones. */
export function appliesDocuments(scene: BackboneScene): void {
  it('applies nothing twice, and nothing of what is wrong', async () => {
    const again = await scene.backbone.platform.apply(demoDocuments());
    expect(again).toMatchObject({ created: [], changed: [] });
    const before = await scene.backbone.policy();
    const wrong = await scene.backbone.platform.apply([
      { path: 'new/agency.yaml', text: 'agency:\n  code: G15\n  name: { vi: Bộ Tư pháp, en: Ministry of Justice }\n' },
      {
        path: 'new/dataset.yaml',
        text: 'dataset:\n  name: civil.birth\n  agency: G16\n  generation: 1\n  title: { vi: Khai sinh, en: Birth }\n',
      },
      {
        path: 'new/contract.yaml',
        text: 'contract:\n  name: too-much\n  consumer: G12.34\n  dataset: population.resident\n  purpouse: {}\n',
      },
    ]);
    expect('problems' in wrong && wrong.problems.map(({ file, line }) => `${file}:${line}`)).toEqual(
      expect.arrayContaining(['new/dataset.yaml:3', 'new/contract.yaml:5']),
    );
    expect(await scene.backbone.policy()).toEqual(before);
  }, 60_000);
}

/** A gap, from its finding to the audit. */
export function resolvesGaps(scene: BackboneScene): void {
  it('ends a gap at the word of a person, by the command that the stopped source tells, and writes it into the audit', async () => {
    const url = scene.backbone.databases.administrative;
    const source = ['G12', 'administrative'] as const;
    const slot = demoSources.find(({ database }) => database === source[1])?.slot;
    await scene.drained();
    expect(await scene.backbone.platform.command('G12', 'pause', 'administrative')).toMatchObject({ ok: true });
    await query(url, 'SELECT pg_drop_replication_slot($1)', [slot]);
    // No event will ever tell of it.
    await query(url, 'DELETE FROM dvhc.xa WHERE ma = (SELECT max(ma) FROM dvhc.xa)');
    expect(await scene.backbone.platform.command('G12', 'resume', 'administrative')).toMatchObject({ ok: true });
    await eventually(async () => {
      const { told } = await scene.truc('agent', 'status', 'G12');
      expect(told).toMatch(/source\/administrative +stopped .*truc agent resolve G12 administrative --gap CAPTURE_SLOT_MISSING/);
    });

    const another = await scene.truc('agent', 'resolve', ...source, '--gap', 'CAPTURE_SLOT_LOST', '--reason', 'another gap');
    expect(another).toMatchObject({ code: 1, told: expect.stringContaining('is CAPTURE_SLOT_MISSING and not') as string });
    const meant = await scene.truc('agent', 'resolve', ...source, '--gap', 'CAPTURE_SLOT_MISSING', '--reason', 'incident 17');
    expect(meant).toMatchObject({ code: 0, told: expect.stringContaining('epoch 2') as string });
    const { verdict, datasets } = await scene.reconciled();
    expect({ verdict, datasets: datasets.filter(({ equal }) => !equal) }).toEqual({ verdict: 'equal', datasets: [] });

    const { audit } = (await scene.backbone.platform.call('GET', '/v1/audit')) as { audit: { action: string }[] };
    const common = { action: 'agent.resolve', subject: 'G12' };
    expect(audit.filter(({ action }) => action === common.action)).toMatchObject([
      { ...common, result: 'answered', detail: { source: 'administrative', gap: 'CAPTURE_SLOT_MISSING', reason: 'incident 17' } },
      { ...common, result: 'refused', detail: { source: 'administrative', gap: 'CAPTURE_SLOT_LOST', reason: 'another gap' } },
    ]);
  }, 120_000);
}
