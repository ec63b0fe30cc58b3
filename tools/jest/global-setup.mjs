// One real PostgreSQL and one real Kafka for the whole run. TRUC_TEST_STACK=none starts nothing; coordinates given there are used as they are.
import { healthyKeptStack, startTestStack } from './test-stack.mjs';

export default async function globalSetup() {
  if (process.env.TRUC_TEST_STACK) return;
  const kept = await healthyKeptStack();
  if (kept) {
    process.env.TRUC_TEST_STACK = JSON.stringify(kept.coordinates);
    return;
  }
  const stack = await startTestStack((sentence) => process.stderr.write(`${sentence}\n`));
  process.env.TRUC_TEST_STACK = JSON.stringify(stack.coordinates);
  globalThis.trucTestStack = stack;
}
