import { runLife, runMerger } from '@truc/demo';
import { query, type BackboneScene } from './backbone-scene.js';
import { canary } from './canary-resident.js';

/** What arrives of a snapshot and of single values; from here on the canary is there. */
export function carriesSnapshotAndValues(scene: BackboneScene): void {
  it('carries the snapshot to the general database and, cut to the contract, to the subscriber', async () => {
    const { verdict, datasets, contracts } = await scene.reconciled();
    expect(datasets.map(({ dataset, equal }) => [dataset, equal])).toEqual(datasets.map(({ dataset }) => [dataset, true]));
    expect(datasets.map(({ dataset }) => dataset).toSorted()).toEqual([
      'administrative.commune',
      'administrative.province',
      'population.household',
      'population.resident',
    ]);
    const resident = datasets.find(({ dataset }) => dataset === 'population.resident');
    expect(resident?.source.rows).toBeGreaterThan(1_000);
    expect(resident?.quarantined).toBeGreaterThan(0);
    expect(contracts).toHaveLength(1);
    expect(contracts[0]).toMatchObject({ consumer: 'G12.34', equal: true });
    expect(contracts[0]?.subscriber.rows).toBe(resident?.source.rows);
    expect(verdict).toBe('equal');
  }, 120_000);

  it('carries values as the source means them', async () => {
    await query(
      scene.backbone.databases.population,
      `INSERT INTO dancu.cong_dan (so_dinh_danh, ma_tinh, ho_ten, ten_goi_khac, ngay_sinh, gioi_tinh, ma_dan_toc, ma_xa_thuong_tru, dia_chi, sdt, email, "nguoiCapNhat", cap_nhat_luc)
       SELECT $1, ma_tinh, $2, ARRAY[$3], '1999-03-14', 'NAM', 1, ma_xa_thuong_tru, jsonb_build_object('so_nha', $4::text, 'to', $5::text), $6, $7, $8, cap_nhat_luc
       FROM dancu.cong_dan WHERE ma_xa_thuong_tru IS NOT NULL AND trang_thai = 1 AND so_dinh_danh ~ '^0[0-9]{11}$' ORDER BY so_dinh_danh OFFSET 50 LIMIT 1`,
      [canary.code, canary.name.normalize('NFD'), canary.alias, canary.street, canary.hamlet, canary.phone, canary.email, canary.editor],
    );
    await scene.drained();
    const [general] = await query<Record<string, unknown>>(
      scene.backbone.databases.generalDatabase,
      `SELECT person_full_name, person_date_of_birth::text AS born, person_sex, person_other_name, address_detail FROM g01.population_resident WHERE truc_code = $1`,
      [canary.code],
    );
    expect(general).toEqual({
      person_full_name: canary.name.normalize('NFC'),
      born: '1999-03-14',
      person_sex: '1',
      person_other_name: canary.alias,
      address_detail: canary.street,
    });
    const [subscribed] = await query<Record<string, unknown>>(
      scene.backbone.databases.socialInsurance,
      `SELECT * FROM shared.resident WHERE truc_code = $1`,
      [canary.code],
    );
    expect(Object.keys(subscribed ?? {}).toSorted()).toEqual([
      'address_commune',
      'person_date_of_birth',
      'person_full_name',
      'person_life_status',
      'person_personal_id',
      'truc_applied_at',
      'truc_code',
      'truc_position',
      'truc_row',
      'truc_scheme',
    ]);
    expect(subscribed?.person_full_name).toBe(canary.name.normalize('NFC'));
  }, 60_000);
}

/** What arrives of one large transaction. */
export function carriesMerger(scene: BackboneScene): void {
  it('carries the merger of communes, one large transaction, while life goes on', async () => {
    const urls = { populationUrl: scene.backbone.databases.population, administrativeUrl: scene.backbone.databases.administrative };
    const [merged] = await Promise.all([
      runMerger(scene.backbone.world, urls),
      runLife(scene.backbone.world, { populationUrl: urls.populationUrl }, { seed: 11, eventsPerSecond: 100, events: 60 }),
    ]);
    expect(merged.population.residents).toBeGreaterThan(500);
    const { verdict, datasets, contracts } = await scene.reconciled();
    expect({ verdict, datasets: datasets.filter(({ equal }) => !equal), contracts: contracts.filter(({ equal }) => !equal) }).toEqual({
      verdict: 'equal',
      datasets: [],
      contracts: [],
    });
  }, 120_000);
}
