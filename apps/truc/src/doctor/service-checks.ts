import { topicNames } from '@truc/coordination';
import { openLogReader, type KafkaConnection } from '@truc/kafka';
import { messageOf } from '@truc/kernel';
import { answersOn } from '@truc/local-stack';
import { parseAddress, withSurveySession } from '@truc/source-survey';
import { connectionFault, ok, wrong, type Diagnosis } from './diagnosis.js';
import { registryCheck } from './platform-checks.js';
import { counterparts, type Counterparts } from './service-configuration.js';

const databaseMs = 10_000;

/** Everybody that a service of this configuration talks to, tried with its own credentials, from this machine. */
export async function serviceChecks(file: string, environment: Readonly<Record<string, string | undefined>>): Promise<Diagnosis[]> {
  let found: Counterparts;
  try {
    found = counterparts(file, environment);
  } catch (error) {
    return [wrong('configuration', messageOf(error), `ls -l ${file}   # mend what is named, as the user who runs the service`)];
  }
  const { port, brokers, registries, sources, databases } = found;
  return [
    ok('configuration', `${file} and its secrets can be read`),
    ...(port === null || port === 0 ? [] : [await portCheck(port)]),
    ...(await Promise.all(brokers.map(({ name, connection }) => kafkaCheck(name, connection)))),
    ...(await Promise.all(registries.map(({ url, principal, token, line }) => registryCheck(url, token, principal, line)))),
    ...(await Promise.all(sources.map(sourceCheck))).flat(),
    ...(await Promise.all(databases.map(({ name, url }) => databaseCheck(`database ${name}`, url)))),
  ];
}

/** Where something listens that is no service of ours, ours cannot. */
async function portCheck(port: number): Promise<Diagnosis> {
  if (!(await answersOn(port))) return ok('port', `${port} is free`);
  const ours = await fetch(`http://127.0.0.1:${port}/health/live`, { signal: AbortSignal.timeout(2_000) }).then(
    async (response) => (await response.text()).includes('"status":"live"'),
    () => false,
  );
  if (ours) return ok('port', `a service of ours answers at ${port}`);
  return wrong('port', `${port} is taken by something else`, `lsof -i :${port}`);
}

async function kafkaCheck(username: string, connection: KafkaConnection): Promise<Diagnosis> {
  const check = `kafka ${username}`;
  const [broker = ''] = connection.brokers;
  const colon = broker.lastIndexOf(':');
  const reader = openLogReader({ connection: { ...connection, clientId: 'truc-doctor' }, unreachableMs: databaseMs });
  try {
    await reader.partitions(topicNames.policyCommon);
    return ok(check, `${connection.brokers.join(', ')} lets it in`);
  } catch (error) {
    return connectionFault(check, { host: broker.slice(0, colon), port: Number(broker.slice(colon + 1)) }, error, {
      LOG_AUTHENTICATION_FAILED: `npx truc principal ensure ${username} --directory DIR   # as the administrator; then put the new files in place`,
      LOG_TLS_FILE_UNREADABLE: `ls -l ${connection.tls?.caFile ?? 'FILE'}`,
    });
  } finally {
    await reader.close();
  }
}

const sourceState = `
  SELECT current_setting('wal_level') AS wal_level,
    EXISTS (SELECT FROM pg_publication WHERE pubname = $1) AS has_publication,
    slot.slot_name IS NOT NULL AS has_slot, slot.active, slot.wal_status
  FROM (SELECT) AS one LEFT JOIN pg_replication_slots AS slot ON slot.slot_name = $2`;

interface SourceState {
  readonly wal_level: string;
  readonly has_publication: boolean;
  readonly has_slot: boolean;
  readonly active: boolean | null;
  readonly wal_status: string | null;
}

async function sourceCheck({ name, url, slot, publication }: Counterparts['sources'][number]): Promise<Diagnosis[]> {
  const check = `source ${name}`;
  try {
    const [state] = await withSurveySession(url, { statementTimeoutMs: databaseMs }, (session) =>
      session.rows<SourceState>('looking at slot and publication', sourceState, [publication, slot]),
    );
    return state === undefined ? [] : sourceFindings(check, { slot, publication }, state);
  } catch (error) {
    return [databaseFault(check, url, error)];
  }
}

/** What stands between a source and its capture. `truc source check` looks deeper. */
export function sourceFindings(
  check: string,
  { slot, publication }: { readonly slot: string; readonly publication: string },
  state: SourceState,
): Diagnosis[] {
  const found: Diagnosis[] = [];
  if (state.wal_level !== 'logical')
    found.push(
      wrong(check, `wal_level is ${state.wal_level}`, `psql -c "ALTER SYSTEM SET wal_level = 'logical'"   # and restart PostgreSQL`),
    );
  if (!state.has_publication)
    found.push(
      wrong(check, `there is no publication ${publication}`, 'npx truc source check --config FILE   # prints the script that makes it'),
    );
  if (!state.has_slot)
    found.push(
      wrong(
        check,
        `there is no slot ${slot}: the agent makes it at its first start, and never again by itself`,
        'systemctl start truc-agent && npx truc agent status AGENCY',
      ),
    );
  else if (state.wal_status === 'lost')
    found.push(
      wrong(
        check,
        `the slot ${slot} has lost what it should have kept`,
        'npx truc agent resolve AGENCY SOURCE --gap CAPTURE_SLOT_LOST --reason TEXT',
      ),
    );
  else if (state.active === false)
    found.push(
      wrong(check, `nobody reads the slot ${slot}: it keeps what is written, on the disk of the database`, 'systemctl restart truc-agent'),
    );
  return found.length > 0 ? found : [ok(check, `slot ${slot} and publication ${publication} are there, and read`)];
}

async function databaseCheck(check: string, url: string): Promise<Diagnosis> {
  try {
    await withSurveySession(url, { statementTimeoutMs: databaseMs }, (session) => session.value('connecting', 'SELECT 1'));
    return ok(check, 'it lets us in');
  } catch (error) {
    return databaseFault(check, url, error);
  }
}

function databaseFault(check: string, url: string, error: unknown): Diagnosis {
  let place = { host: 'HOST', port: 5432 };
  try {
    place = parseAddress(url);
  } catch {
    // The error says so.
  }
  const { host, port } = place;
  const psql = `psql "host=${host} port=${port}"`;
  return connectionFault(check, { host, port }, error, {
    SURVEY_PASSWORD: `${psql}   # with the role and the password of the URL; \\password sets another`,
    SURVEY_URL_INVALID: 'mend the file that holds the URL: postgresql://ROLE:PASSWORD@HOST:5432/DATABASE',
  });
}
