import type { AgentCommand, AgentReply } from '@truc/coordination';
import { capturePlan, checkCapturedDataset, resolveCapturedDataset } from './capture-plan.js';
import { captureName } from './capture-plans.js';
import type { GapCommandParts } from './gap-command.js';

/** How long it may wait for brokers before it is given up; the command can be repeated. */
const limitMs = 50_000;

/**
 * Carries out `resolve` for one dataset. Where it can be done, the capture of its source ends in order meanwhile and begins anew, unless it was paused; the other datasets lose a second and nothing else. A command
 * that comes again ends nothing.
 * @param signal aborts when this node no longer acts for the source, or ends
 * @throws as `resolveDatasetGap`
 */
export async function obeyResolveDataset(
  { id, source, resolution, principal }: AgentCommand,
  { seat, flows, entries, log, ...parts }: GapCommandParts,
  signal: AbortSignal,
): Promise<AgentReply> {
  const refused = (message: string): AgentReply => ({ id, ok: false, message, detail: flows.states() });
  const settings = source === null ? undefined : seat.sources[source];
  const dataset = resolution?.dataset;
  if (source === null || settings === undefined || resolution === null || dataset === undefined)
    return refused('the gap of a dataset is resolved by its code, at one source');
  const plan = capturePlan(entries, seat.agency, source);
  const flow = captureName(source);
  const state = flows.states()[flow]?.kind;
  if (plan === null || state === undefined) return refused(`no policy names the source ${seat.agency}/${source} yet`);
  const decision = { gap: resolution.gap, reason: resolution.reason, dataset, by: principal, commandId: id };
  const options = { ...parts, log, database: settings };
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  const then = state === 'paused' ? 'It is paused: resume it' : 'Its table is snapshotted anew';
  const message = `${resolution.gap} of ${dataset} is resolved. ${then}`;
  const done = (): AgentReply => ({ id, ok: true, message, detail: flows.states() });
  if (!(await checkCapturedDataset(plan, decision, options, inTime))) return done();
  await flows.pause(flow);
  try {
    await resolveCapturedDataset(plan, decision, options, inTime);
    parts.apart?.forget(flow, dataset);
  } finally {
    if (state !== 'paused') await flows.resume(flow);
  }
  log.warn(
    { source, dataset, gap: resolution.gap, principal, reason: resolution.reason },
    'the gap of a dataset was resolved: its table is snapshotted anew',
  );
  return done();
}
