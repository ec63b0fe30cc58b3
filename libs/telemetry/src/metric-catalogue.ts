/**
 * Every metric of the backbone: name, unit, meaning, labels. Seconds and bytes; no personal value in any label.
 * Counters end in `_total`, as Prometheus shows them.
 */
export interface MetricDefinition {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly unit: '1' | 's' | 'By';
  readonly meaning: string;
  readonly labels: readonly string[];
}

export const metricCatalogue = {
  truc_capture_rows: {
    kind: 'counter',
    unit: '1',
    meaning: 'Row messages read from a source, snapshot rows included',
    labels: ['dataset'],
  },
  truc_capture_quarantined: { kind: 'counter', unit: '1', meaning: 'Rows put into quarantine', labels: ['dataset', 'rule'] },
  truc_capture_findings: {
    kind: 'counter',
    unit: '1',
    meaning:
      'Value rules found broken by rows, by what became of the row: quarantined, marked (it passes, or other findings keep it back), or stopped its dataset',
    labels: ['agency', 'dataset', 'rule', 'element', 'outcome'],
  },
  truc_capture_published: {
    kind: 'counter',
    unit: '1',
    meaning: 'Events written to a dataset topic, tombstones not counted',
    labels: ['dataset'],
  },
  truc_capture_swept: {
    kind: 'counter',
    unit: '1',
    meaning: 'Keys deleted because their rows went without an event of their own, by a truncate or during a gap',
    labels: ['dataset', 'cause'],
  },
  truc_capture_gap: {
    kind: 'gauge',
    unit: '1',
    meaning: '1 while a gap in the capture waits for somebody to resolve it, 0 once it is resolved',
    labels: ['source', 'code'],
  },
  truc_capture_transactions: { kind: 'counter', unit: '1', meaning: 'Source transactions captured', labels: ['source'] },
  truc_capture_lag: {
    kind: 'gauge',
    unit: 's',
    meaning: 'Age of the newest acknowledged commit when it was acknowledged',
    labels: ['source'],
  },
  truc_capture_quarantine_rows: { kind: 'gauge', unit: '1', meaning: 'Rows in quarantine now', labels: ['dataset'] },
  truc_capture_state: {
    kind: 'gauge',
    unit: '1',
    meaning: '1 streaming, 0 paused or waiting, -1 stopped by an error that needs a person',
    labels: ['source'],
  },
  truc_capture_dataset_state: {
    kind: 'gauge',
    unit: '1',
    meaning:
      '1 while the dataset is captured with its source, 0 while it catches up, -1 while it alone is stopped or has a gap, which needs a person',
    labels: ['dataset'],
  },
  truc_capture_held_bytes: {
    kind: 'gauge',
    unit: 'By',
    meaning: 'Log that the source keeps for the dataset because it is stopped or catches up',
    labels: ['dataset'],
  },
  truc_snapshot_rows: { kind: 'gauge', unit: '1', meaning: 'Rows that the initial snapshot has read', labels: ['dataset'] },
  truc_snapshot_rows_expected: { kind: 'gauge', unit: '1', meaning: 'Rows that the snapshot is expected to read', labels: ['dataset'] },
  truc_snapshot_done: { kind: 'gauge', unit: '1', meaning: '1 when the initial snapshot is complete', labels: ['dataset'] },
  truc_fanout_events: { kind: 'counter', unit: '1', meaning: 'Events written to a view topic', labels: ['view', 'dataset'] },
  truc_apply_changes: { kind: 'counter', unit: '1', meaning: 'Changes that a target admitted', labels: ['consumer', 'dataset'] },
  truc_apply_refused: {
    kind: 'counter',
    unit: '1',
    meaning: 'Changes at or below the position that the target holds',
    labels: ['consumer', 'dataset'],
  },
  truc_apply_lag: {
    kind: 'gauge',
    unit: 's',
    meaning: 'Age of the newest source commit when it was applied',
    labels: ['consumer', 'dataset'],
  },
  truc_apply_behind: {
    kind: 'gauge',
    unit: '1',
    meaning: 'Records between the stored offset and the end of the log',
    labels: ['consumer', 'dataset'],
  },
  truc_rejected: { kind: 'counter', unit: '1', meaning: 'Records that a consumer refused', labels: ['consumer', 'reason'] },
  truc_receipts_waiting: {
    kind: 'gauge',
    unit: '1',
    meaning: 'Receipts of committed deliveries that wait in the target database',
    labels: ['consumer', 'database'],
  },
  truc_receipts_sent: { kind: 'counter', unit: '1', meaning: 'Receipts that the log acknowledged', labels: ['consumer'] },
  truc_policy_rejected: { kind: 'counter', unit: '1', meaning: 'Policy entries that could not be read', labels: ['topic'] },
  truc_agent_present: {
    kind: 'gauge',
    unit: '1',
    meaning: '1 while somebody acts for a source, 0 while its slot, if there is one, keeps log for nobody',
    labels: ['agency', 'source'],
  },
  truc_flow_state: {
    kind: 'gauge',
    unit: '1',
    meaning: '1 running, 0 waiting, paused or trying again, -1 stopped by an error that needs a person',
    labels: ['flow'],
  },
  truc_http_requests: { kind: 'counter', unit: '1', meaning: 'HTTP requests by outcome', labels: ['route', 'status'] },
  truc_access_denied: {
    kind: 'counter',
    unit: '1',
    meaning: 'Requests that were refused for want of credentials or rights',
    labels: ['role'],
  },
  truc_access_changes: {
    kind: 'counter',
    unit: '1',
    meaning: 'Permissions at the brokers that were granted or withdrawn, by why',
    labels: ['change', 'reason'],
  },
  truc_access_permissions: { kind: 'gauge', unit: '1', meaning: 'Permissions at the brokers that the policy calls for', labels: [] },
  truc_access_closed: {
    kind: 'gauge',
    unit: '1',
    meaning: '1 while nobody reads by a contract because nothing was heard of the platform for too long',
    labels: [],
  },
  truc_access_denying: { kind: 'gauge', unit: '1', meaning: 'Entries at the brokers that deny, which somebody made by hand', labels: [] },
  truc_policy_age: { kind: 'gauge', unit: 's', meaning: 'Time since the platform last vouched for the policy', labels: [] },
  truc_broker_denied: {
    kind: 'counter',
    unit: '1',
    meaning: 'Requests that the brokers refused for want of a permission, by what they were for',
    labels: ['principal', 'operation', 'resource'],
  },
  truc_broker_refused: {
    kind: 'counter',
    unit: '1',
    meaning: 'Batches of records that a broker did not take, by their topic',
    labels: ['topic'],
  },
  truc_batch_duration: { kind: 'histogram', unit: 's', meaning: 'Time that one batch took', labels: ['stage'] },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof metricCatalogue;
export type MetricLabels<N extends MetricName> = Record<(typeof metricCatalogue)[N]['labels'][number], string>;
