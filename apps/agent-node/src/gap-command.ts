import type { AgentCommand, AgentReply, PolicyEntry } from '@truc/coordination';
import type { FlowSet } from '@truc/pipeline';
import { capturePlan, resolveCaptureGap } from './capture-plan.js';
import { captureName, type CaptureParts } from './capture-plans.js';
import type { SeatConfiguration } from './configuration.js';
import { obeyResolveDataset } from './dataset-gap-command.js';

export interface GapCommandParts extends CaptureParts {
  readonly seat: SeatConfiguration;
  readonly flows: FlowSet;
  readonly entries: readonly PolicyEntry[];
}

/** How long a resolution may look through topics and wait for brokers before it is given up; the command can be repeated. */
const limitMs = 300_000;

/**
 * Carries out `resolve`, which nothing but a person decides. A source that is being captured is left alone: it has no gap, and looking closer would fence it.
 * @param signal aborts when this node no longer acts for the source, or ends: the resolution is given up, and its successor can be asked for it
 * @throws TrucError CAPTURE_GAP_NONE, CAPTURE_GAP_DIFFERS; those of the log and the source
 */
export async function obeyResolve(asked: AgentCommand, parts: GapCommandParts, signal: AbortSignal): Promise<AgentReply> {
  const { id, source, resolution, principal } = asked;
  if (resolution?.dataset !== undefined) return obeyResolveDataset(asked, parts, signal);
  const { seat, flows, entries, log } = parts;
  const refused = (message: string): AgentReply => ({ id, ok: false, message, detail: flows.states() });
  const settings = source === null ? undefined : seat.sources[source];
  if (source === null || settings === undefined || resolution === null) return refused('a gap is resolved by its code, at one source');
  const plan = capturePlan(entries, seat.agency, source);
  const state = flows.states()[captureName(source)];
  if (plan === null || state === undefined) return refused(`no policy names the source ${seat.agency}/${source} yet`);
  if (state.kind !== 'stopped' && state.kind !== 'paused') return refused(`no gap is open: the capture of ${source} is ${state.kind}`);
  const decision = { ...resolution, by: principal, commandId: id };
  const within = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  const epoch = await resolveCaptureGap(plan, decision, { ...parts, database: settings }, within).catch((error: unknown) => {
    if (within.aborted) return null;
    throw error;
  });
  if (epoch === null)
    return refused(
      `given up: ${signal.aborted ? 'this node no longer acts for the source' : 'it took too long'}. See the status, and repeat it where the gap is open`,
    );
  log.warn({ source, gap: resolution.gap, principal, reason: resolution.reason, epoch }, 'a gap was resolved: a new epoch begins');
  if (state.kind === 'stopped') await flows.resume(captureName(source));
  const then = state.kind === 'paused' ? 'It is paused: resume it' : 'Every table is snapshotted anew';
  return { id, ok: true, message: `${resolution.gap} is resolved by epoch ${epoch} of ${source}. ${then}`, detail: flows.states() };
}
