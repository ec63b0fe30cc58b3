import { Admin } from '@platformatic/kafka';
import pg from 'pg';
import type { StackCoordinates } from './stack-coordinates.js';
import { dropTestDatabase } from './test-postgres.js';
import { isLeftBehind } from './test-name.js';

/** No test file runs this long. */
const AGE_MS = 2 * 3_600_000;

/** Drops databases, with their slots, that tests made more than two hours ago. */
export async function sweepPostgres({ postgresUrl }: StackCoordinates, ageMs = AGE_MS): Promise<void> {
  const client = new pg.Client({ connectionString: postgresUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ datname: string }>('select datname from pg_database');
    for (const { datname } of rows) if (isLeftBehind(datname, ageMs)) await dropTestDatabase(client, datname);
  } finally {
    await client.end();
  }
}

/** Deletes topics that tests made more than two hours ago. */
export async function sweepKafka({ kafka }: StackCoordinates, ageMs = AGE_MS): Promise<void> {
  const { brokers, username, password } = kafka;
  const admin = new Admin({ clientId: 'sweep', bootstrapBrokers: [...brokers], sasl: { mechanism: 'SCRAM-SHA-512', username, password } });
  try {
    const topics = (await admin.listTopics()).filter((topic) => isLeftBehind(topic, ageMs));
    if (topics.length > 0) await admin.deleteTopics({ topics });
  } finally {
    await admin.close();
  }
}
