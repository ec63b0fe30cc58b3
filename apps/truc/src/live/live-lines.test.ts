import type { PolicyEntry } from '@truc/coordination';
import { MetricSamples } from '@truc/local-stack';
import { datasetPipelines, isSnapshotDone, type DatasetPipeline } from './dataset-pipeline.js';
import { liveLines, plainLine } from './live-lines.js';
import { languageOf } from './live-text.js';
import { SnapshotPace } from './snapshot-pace.js';

const resident = {
  name: 'population.resident',
  title: { vi: 'Công dân', en: 'Residents' },
  captured: 20_384,
  quarantined: 11,
  onLog: 20_417,
  inGeneralDatabase: 20_412,
  atSubscriber: 20_400,
  lagMs: 160.4,
  snapshot: { rows: 20_000, expected: 20_000, isDone: true },
} satisfies DatasetPipeline;
const household = {
  ...resident,
  name: 'population.household',
  title: { vi: 'Hộ gia đình', en: 'Households' },
  inGeneralDatabase: null,
  atSubscriber: 'none',
  lagMs: null,
} satisfies DatasetPipeline;
const view = { phase: 'life', elapsedMs: 3_725_000, events: 1_234, pipelines: [resident, household], snapshot: null } as const;

describe('the live view', () => {
  it('shows each dataset with its way, in the language of the reader', () => {
    expect(liveLines(view, 120, 'en')).toEqual([
      'Trục · life goes on · 01:02:05 · 1,234 events',
      '',
      'Dataset      captured   quarantined   on the log   general database   subscriber      lag',
      'Residents      20,384            11       20,417             20,412       20,400   160 ms',
      'Households     20,384            11       20,417                  –                     –',
    ]);
    expect(liveLines(view, 120, 'vi').at(-2)).toBe('Công dân      20.384        11      20.417          20.412     20.400   160 ms');
  });

  it('never writes a line wider than the terminal', () => {
    const snapshot = { rows: 60_000, expected: 100_000, share: 0.6, secondsLeft: 5 };
    for (const language of ['vi', 'en'] as const) {
      for (let width = 1; width <= 130; width += 1) {
        for (const line of liveLines({ ...view, snapshot }, width, language)) expect([...line].length).toBeLessThanOrEqual(width);
      }
    }
  });

  it('draws the bar of the snapshot with an estimate', () => {
    const snapshot = { rows: 62_000, expected: 100_000, share: 0.62, secondsLeft: 4.6 };
    const line = liveLines({ ...view, phase: 'snapshot', snapshot }, 100, 'en').at(-1) ?? '';
    expect(line).toMatch(/^\[█{25}░{15}\] +62 % +62,000 of 100,000 rows +about 5 s left$/);
  });

  it('says the same in a plain line', () => {
    expect(plainLine(household, 'en')).toBe(
      'population.household: captured 20,384, quarantined 11, on the log 20,417, general database –, lag –',
    );
    expect(plainLine({ ...resident, snapshot: { rows: 5, expected: 9, isDone: false } }, 'en')).toMatch(
      /subscriber 20,400, lag 160 ms, 5 of 9 rows$/,
    );
  });
});

describe('what the metrics say', () => {
  const policy = [
    { kind: 'dataset', name: 'population.resident', title: resident.title },
    { kind: 'contract', dataset: 'population.resident', consumer: 'G12.34' },
  ] as unknown as PolicyEntry[];
  const text = `truc_capture_rows_total{dataset="population.resident"} 7
truc_apply_changes_total{consumer="general-database",dataset="population.resident"} 6
truc_apply_changes_total{consumer="g12-34",dataset="population.resident"} 5
truc_apply_lag{consumer="general-database",dataset="population.resident"} 0.02
truc_apply_lag{consumer="g12-34",dataset="population.resident"} 0.04
truc_snapshot_rows{dataset="population.resident"} 7
truc_snapshot_rows_expected{dataset="population.resident"} 10
truc_snapshot_done{dataset="population.resident"} 0
`;

  it('puts every count at its place, and takes the slowest consumer for the lag', () => {
    const [pipeline] = datasetPipelines(new MetricSamples([text]), policy);
    expect(pipeline).toMatchObject({ captured: 7, quarantined: null, onLog: null, inGeneralDatabase: 6, atSubscriber: 5, lagMs: 40 });
    expect(pipeline?.snapshot).toEqual({ rows: 7, expected: 10, isDone: false });
  });

  it('takes a snapshot for complete when every dataset says so, and for open while one is silent', () => {
    const pipelinesOf = (lines: string) => datasetPipelines(new MetricSamples([lines]), policy);
    expect(isSnapshotDone(pipelinesOf(text))).toBe(false);
    expect(isSnapshotDone(pipelinesOf(''))).toBe(false);
    expect(isSnapshotDone([])).toBe(false);
    expect(
      isSnapshotDone(
        pipelinesOf(
          text.replace('truc_snapshot_done{dataset="population.resident"} 0', 'truc_snapshot_done{dataset="population.resident"} 1'),
        ),
      ),
    ).toBe(true);
  });
});

describe('the pace of a snapshot', () => {
  const at = (rows: number, isDone = false): DatasetPipeline[] => [{ ...resident, snapshot: { rows, expected: 1_000, isDone } }];

  it('estimates from what was read of late', () => {
    const pace = new SnapshotPace();
    expect(pace.look(at(0), 0)).toMatchObject({ rows: 0, expected: 1_000, secondsLeft: null });
    expect(pace.look(at(100), 1_000)).toMatchObject({ share: 0.1, secondsLeft: 9 });
    for (let second = 2; second <= 20; second += 1) pace.look(at(100), second * 1_000);
    expect(pace.look(at(100), 21_000)?.secondsLeft).toBeNull();
    expect(pace.look(at(1_000, true), 22_000)).toBeNull();
  });
});

it('speaks Vietnamese where the environment does', () => {
  expect(languageOf({ LANG: 'vi_VN.UTF-8' })).toBe('vi');
  expect(languageOf({ LANG: 'vi_VN.UTF-8', LC_ALL: 'C' })).toBe('en');
  expect(languageOf({})).toBe('en');
});
