// The PostgreSQL and Kafka that tests share: one stack for a run, or a kept one that outlives runs (`npm run stack:test`).
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');
export const keptStackFile = join(root, '.truc/test-stack.json');
const stacks = join(root, '.truc/test');

const localStack = () => import('@truc/local-stack');

/** Starts both servers side by side, with fresh data that gives up durability. */
export async function startTestStack(progress) {
  const { startKafka, startPostgres } = await localStack();
  await removeAbandoned();
  const directory = join(stacks, `${process.pid}-${randomBytes(3).toString('hex')}`);
  mkdirSync(directory, { recursive: true });
  const results = await Promise.allSettled([
    startPostgres({ directory: join(directory, 'postgres'), durable: false, progress }),
    startKafka({ directory: join(directory, 'kafka'), heapMebibytes: 768, progress }),
  ]);
  const servers = results.filter(({ status }) => status === 'fulfilled').map(({ value }) => value);
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()));
    for (const { dataDirectory } of servers) rmSync(dataDirectory, { recursive: true, force: true });
    rmSync(directory, { recursive: true, force: true });
  };
  const failed = results.find(({ status }) => status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  const [postgres, kafka] = servers;
  const coordinates = {
    postgresUrl: postgres.url,
    kafka: { brokers: kafka.brokers, username: kafka.username, password: kafka.password },
  };
  return { coordinates, processes: [postgres.process, kafka.process], stop };
}

/** Data of runs whose process is gone. */
async function removeAbandoned() {
  const { isAlive } = await localStack();
  let names = [];
  try {
    names = readdirSync(stacks);
  } catch {
    return;
  }
  for (const name of names) {
    const directory = join(stacks, name);
    const pid = Number(name.split('-')[0]);
    // Sheltered data lies elsewhere and is found by the directory's name only while that exists; it is small and /var/tmp is swept.
    if (!isAlive(pid) && Date.now() - statSync(directory).mtimeMs > 60_000) rmSync(directory, { recursive: true, force: true });
  }
}

/** Coordinates of the kept stack when both of its servers answer, else null. */
export async function healthyKeptStack() {
  let kept;
  try {
    kept = JSON.parse(readFileSync(keptStackFile, 'utf8'));
  } catch {
    return null;
  }
  const { answersOn } = await localStack();
  const ports = [new URL(kept.coordinates.postgresUrl).port, kept.coordinates.kafka.brokers[0].split(':')[1]];
  const answers = await Promise.all(ports.map((port) => answersOn(Number(port))));
  return answers.every(Boolean) ? kept : null;
}

export function writeKeptStack(coordinates) {
  mkdirSync(join(root, '.truc'), { recursive: true });
  writeFileSync(keptStackFile, JSON.stringify({ pid: process.pid, coordinates }), { mode: 0o600 });
}
