import type { PolicyEntry } from '@truc/coordination';
import { agencySlug } from '@truc/kernel';
import type { MetricSamples } from '@truc/local-stack';

export interface SnapshotRows {
  readonly rows: number;
  readonly expected: number;
  readonly isDone: boolean;
}

/** One dataset on its way, as counted since the processes started; null where nothing was told yet. */
export interface DatasetPipeline {
  readonly name: string;
  readonly title: { readonly vi: string; readonly en: string };
  /** Row messages read from the source. */
  readonly captured: number | null;
  /** Rows in quarantine now. */
  readonly quarantined: number | null;
  readonly onLog: number | null;
  readonly inGeneralDatabase: number | null;
  /** Over all subscribers; `none` where no contract names the dataset. */
  readonly atSubscriber: number | null | 'none';
  /** Age of the newest commit when the slowest consumer applied it. */
  readonly lagMs: number | null;
  readonly snapshot: SnapshotRows | null;
}

/** What the metrics of one moment say about every dataset of the policy. */
export function datasetPipelines(samples: MetricSamples, policy: readonly PolicyEntry[]): DatasetPipeline[] {
  return policy.flatMap((entry) => {
    if (entry.kind !== 'dataset') return [];
    const dataset = entry.name;
    const consumers = policy.flatMap((other) =>
      other.kind === 'contract' && other.dataset === dataset ? [agencySlug(other.consumer)] : [],
    );
    const applied = [...new Set(consumers)].map((consumer) => samples.sum('truc_apply_changes', { consumer, dataset }));
    const lag = samples.max('truc_apply_lag', { dataset });
    const rows = samples.sum('truc_snapshot_rows', { dataset });
    return [
      {
        name: dataset,
        title: entry.title,
        captured: samples.sum('truc_capture_rows', { dataset }),
        quarantined: samples.sum('truc_capture_quarantine_rows', { dataset }),
        onLog: samples.sum('truc_capture_published', { dataset }),
        inGeneralDatabase: samples.sum('truc_apply_changes', { consumer: 'general-database', dataset }),
        atSubscriber: applied.length === 0 ? 'none' : sumOf(applied),
        lagMs: lag === null ? null : lag * 1000,
        snapshot:
          rows === null
            ? null
            : {
                rows,
                expected: samples.sum('truc_snapshot_rows_expected', { dataset }) ?? rows,
                isDone: samples.min('truc_snapshot_done', { dataset }) === 1,
              },
      },
    ];
  });
}

/** True once every dataset has told that its snapshot is complete. */
export function isSnapshotDone(pipelines: readonly DatasetPipeline[]): boolean {
  return pipelines.length > 0 && pipelines.every(({ snapshot }) => snapshot?.isDone === true);
}

function sumOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}
