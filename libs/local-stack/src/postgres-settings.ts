/** Server settings by name, over those that a local server has anyway. */
export type PostgresSettings = Readonly<Record<string, string | number | boolean>>;

const LOCAL: PostgresSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  password_encryption: 'scram-sha-256',
  wal_level: 'logical',
  max_replication_slots: 60,
  max_wal_senders: 60,
  max_connections: 300,
  // The walsender sends flushed WAL only: at the default of 200 ms this setting is most of a change's way.
  wal_writer_delay: '10ms',
  shared_buffers: '128MB',
  max_wal_size: '1GB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Statements and their values may name people; the log must not.
  log_min_error_statement: 'panic',
  log_parameter_max_length: 0,
  log_parameter_max_length_on_error: 0,
  log_error_verbosity: 'terse',
};

const NOT_DURABLE: PostgresSettings = { fsync: false, full_page_writes: false };

function text(value: string | number | boolean): string {
  return typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);
}

/** Arguments of `postgres`. The caller's settings win over ours, and ours over the server's. */
export function postgresArguments(dataDirectory: string, port: number, durable: boolean, settings: PostgresSettings): string[] {
  const all = { ...LOCAL, ...(durable ? {} : NOT_DURABLE), ...settings };
  return ['-D', dataDirectory, '-p', String(port), ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${text(value)}`])];
}
