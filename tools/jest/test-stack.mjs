// The PostgreSQL and Kafka that tests share: one stack for a run, or a kept one that outlives runs (`npm run stack:test`).
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');
export const keptStackFile = join(root, '.truc/test-stack.json');
const stacks = join(root, '.truc/test');
const SERVERS = ['postgres', 'kafka'];

/** Imported late: a run whose tests need nothing need not have built it. */
async function localStack() {
  try {
    return await import('@truc/local-stack');
  } catch (cause) {
    if (cause.code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new Error('the rooms that start the test stack are not built: run "npm run build" first', { cause });
  }
}

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
    await removeStack(directory);
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

async function removeStack(directory) {
  const { removeServerDirectory } = await localStack();
  for (const server of SERVERS) removeServerDirectory(join(directory, server));
  rmSync(directory, { recursive: true, force: true });
}

/** Data of runs whose process is gone. One whose servers still run, because its process died a moment ago, is left to a later run. */
async function removeAbandoned() {
  const { isAlive } = await localStack();
  let names = [];
  try {
    names = readdirSync(stacks);
  } catch {
    return;
  }
  for (const name of names) {
    if (isAlive(Number(name.split('-')[0]))) continue;
    await removeStack(join(stacks, name)).catch(() => undefined);
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
  const { answersOn, startedAt } = await localStack();
  // The same number may by now be another process, whom nobody may ask to stop.
  if (kept.startedAt !== startedAt(kept.pid)) return null;
  const ports = [new URL(kept.coordinates.postgresUrl).port, kept.coordinates.kafka.brokers[0].split(':')[1]];
  const answers = await Promise.all(ports.map((port) => answersOn(Number(port))));
  return answers.every(Boolean) ? kept : null;
}

export async function writeKeptStack(coordinates) {
  const { startedAt } = await localStack();
  mkdirSync(join(root, '.truc'), { recursive: true });
  writeFileSync(keptStackFile, JSON.stringify({ pid: process.pid, startedAt: startedAt(process.pid), coordinates }), { mode: 0o600 });
}

/** Ends and removes what tests of finished or broken runs left on a kept stack: slots hold its WAL, and there are sixty. */
export async function sweepKeptStack(coordinates) {
  const { sweepKafka, sweepPostgres } = await import('@truc/testing');
  await Promise.all([sweepPostgres(coordinates), sweepKafka(coordinates)]);
}
