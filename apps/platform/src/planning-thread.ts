import { parentPort } from 'node:worker_threads';
import { messageOf, TrucError } from '@truc/kernel';
import { planningTasks, type PlanningTask } from './planning-tasks.js';

/** What the thread is sent, one at a time. */
export interface PlanningRequest {
  readonly task: PlanningTask;
  readonly input: unknown;
}

/** What it answers. Errors cross as what they say: classes do not. */
export type PlanningReply =
  | { readonly output: unknown }
  | { readonly error: { readonly code: string | null; readonly message: string; readonly retry: boolean; readonly stack: string } };

const port = parentPort;
if (port === null) throw new Error('this is the body of a thread');
port.on('message', ({ task, input }: PlanningRequest) => {
  let reply: PlanningReply;
  try {
    const run = planningTasks[task] as (given: unknown) => unknown;
    reply = { output: run(input) };
  } catch (error) {
    const known = error instanceof TrucError ? { code: error.code, retry: error.retry } : { code: null, retry: false };
    reply = { error: { ...known, message: messageOf(error), stack: (error as Error).stack ?? '' } };
  }
  port.postMessage(reply);
});
