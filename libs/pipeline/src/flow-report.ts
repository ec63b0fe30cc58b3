import type { Logger, Telemetry } from '@truc/telemetry';
import type { RefusedChanges } from './apply-flow.js';
import type { FlowState } from './flow-supervisor.js';

/** 1 running, 0 waiting, paused or trying again, -1 stopped by an error that needs a person. */
export function flowStateValue({ kind }: FlowState): -1 | 0 | 1 {
  return kind === 'running' ? 1 : kind === 'stopped' ? -1 : 0;
}

/** Tells the log of every change of a flow's state, as loud as somebody is needed. */
export function logFlowState(log: Logger, flow: string, state: FlowState): void {
  const line = { flow, ...state };
  if (state.kind === 'stopped') log.error(line, 'a flow stopped: it needs a person');
  else if (state.kind === 'retrying') log.warn(line, 'a flow failed and is tried again');
  else log.info(line, `a flow is ${state.kind}`);
}

/** What a set of flows is to do with their states: metrics and log. */
export function reportFlows(telemetry: Telemetry, log: Logger): (flow: string, state: FlowState) => void {
  return (flow, state) => {
    telemetry.record('truc_flow_state', flowStateValue(state), { flow });
    logFlowState(log, flow, state);
  };
}

/** The audit of changes that came again, or came back: nothing was changed by them. */
export function reportRefused(log: Logger): (refused: RefusedChanges) => void {
  return (refused) =>
    log.info({ audit: 'apply.refused', ...refused }, 'changes at or below the position that the database holds were refused');
}
