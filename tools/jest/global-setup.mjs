// One real PostgreSQL and one real Kafka for the whole run. TRUC_TEST_STACK=none starts nothing; coordinates given there are used as they are.
import { runNeedsServers } from './chosen-tests.mjs';

export default async function globalSetup(globalConfig) {
  if (process.env.TRUC_TEST_STACK || !runNeedsServers(globalConfig.rootDir, globalConfig)) return;
  const { healthyKeptStack, startTestStack, sweepKeptStack } = await import('./test-stack.mjs');
  const kept = await healthyKeptStack();
  if (kept) {
    await sweepKeptStack(kept.coordinates);
    process.env.TRUC_TEST_STACK = JSON.stringify(kept.coordinates);
    return;
  }
  const stack = await startTestStack((sentence) => process.stderr.write(`${sentence} ...\n`));
  process.env.TRUC_TEST_STACK = JSON.stringify(stack.coordinates);
  globalThis.trucTestStack = stack;
}
