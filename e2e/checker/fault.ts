/** Everything that a scenario may do to a backbone, as it stands in histories and reports. */
export type FaultKind =
  | 'kill'
  | 'pause'
  | 'duplicate'
  | 'restart'
  | 'cut'
  | 'black-hole'
  | 'delay'
  | 'narrow'
  | 'slot-dropped'
  | 'slot-advanced'
  | 'dataset-stopped'
  | 'restore'
  | 'replay'
  | 'large-transaction'
  | 'truncate';

export interface Fault {
  readonly kind: FaultKind;
  /** Process, line, slot, table or topic that it is done to. */
  readonly target: string;
  /** One sentence for a person where kind and target do not say it all. */
  readonly detail?: string;
}

/** A fault that happened: times in milliseconds since the start of the run. */
export interface FaultSpan extends Fault {
  readonly startedAtMs: number;
  /** Null while it lasts. */
  readonly endedAtMs: number | null;
}
