export interface LogWriterLimits {
  /** Bytes of a batch; a larger record gets a batch of its own. */
  readonly batchBytesMax: number;
  /** Bytes of the largest batch that the brokers take (`message.max.bytes`); a record that needs more is refused by `write`. */
  readonly brokerBatchBytesMax: number;
  /** Bytes of the batches in one request. */
  readonly requestBytesMax: number;
  /** Bytes that are queued or in flight; `write` waits while there are more. */
  readonly bufferedBytesMax: number;
  /** Time in which a batch must be acknowledged, all repetitions included; then the writer fails. */
  readonly deliveryMs: number;
  /** Time in which a broker must answer one request. */
  readonly requestMs: number;
}

export const defaultLogWriterLimits: LogWriterLimits = {
  batchBytesMax: 512 * 1024,
  brokerBatchBytesMax: 1_048_588,
  requestBytesMax: 4 * 1024 * 1024,
  bufferedBytesMax: 32 * 1024 * 1024,
  deliveryMs: 120_000,
  requestMs: 30_000,
};
