import { agencySlug } from '@truc/kernel';
import { flowStateValue, gapCodes, logFlowState, type FlowState } from '@truc/pipeline';
import type { Logger, Telemetry } from '@truc/telemetry';
import { captureName } from './capture-plans.js';

const gaps: ReadonlySet<string> = new Set(gapCodes);

/** Tells the log and the metrics of every change in an agency's flows. */
export class FlowGauges {
  readonly #slug: string;
  readonly #telemetry: Pick<Telemetry, 'record'>;
  readonly #log: Logger;
  /** Code of the gap that a capture stopped with here, by flow. */
  readonly #gaps = new Map<string, string>();

  constructor(agency: string, telemetry: Pick<Telemetry, 'record'>, log: Logger) {
    this.#slug = agencySlug(agency);
    this.#telemetry = telemetry;
    this.#log = log;
  }

  tell(flow: string, state: FlowState): void {
    const value = flowStateValue(state);
    if (!flow.startsWith(captureName(''))) this.#telemetry.record('truc_flow_state', value, { flow });
    else {
      const source = `${this.#slug}.${flow.slice(captureName('').length)}`;
      // A capture says itself when it streams; before that it looks at what was sent.
      if (value !== 1) this.#telemetry.record('truc_capture_state', value, { source });
      this.#followGap(flow, source, state);
    }
    logFlowState(this.#log, flow, state);
  }

  /** A process that stands by, or is about to look anew, has no gap to tell of: it is told by whoever captures, and again here where it is found again. */
  #followGap(flow: string, source: string, state: FlowState): void {
    if (state.kind === 'stopped' && gaps.has(state.code)) this.#gaps.set(flow, state.code);
    const code = this.#gaps.get(flow);
    if (code === undefined || (state.kind !== 'waiting' && state.kind !== 'closed')) return;
    this.#gaps.delete(flow);
    this.#telemetry.record('truc_capture_gap', 0, { source, code });
  }
}
