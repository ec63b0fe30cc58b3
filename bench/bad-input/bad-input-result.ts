import { decimal, resultTable } from '../harness/result-table.js';
import type { LoopStop } from './loop-probe.js';

/** What no input may keep a process from its others for. */
export const stopMsMax = 100;

/** What became of one input. */
export interface Outcome {
  /** For a person: `422 DOCUMENT_ANCHOR 1:12`. */
  readonly told: string;
  /** Whether it is what has to become of it: refused by name and place, or borne. */
  readonly isRight: boolean;
}

export interface MeasuredInput extends Outcome {
  readonly surface: string;
  readonly input: string;
  /** The process that stood still for the longest, and for how long; null where none of ours lives on (a command). */
  readonly stop: (LoopStop & { readonly app: string }) | null;
  /** Processes that ended over it. */
  readonly down: readonly string[];
}

export interface BadInputResult {
  readonly verdict: 'held' | 'passed' | 'slow' | 'down';
  readonly stopMsMax: number;
  readonly inputs: readonly MeasuredInput[];
}

export function verdictOf({ isRight, stop, down }: Pick<MeasuredInput, 'isRight' | 'stop' | 'down'>): BadInputResult['verdict'] {
  if (down.length > 0) return 'down';
  if (!isRight) return 'passed';
  return (stop?.computeMs ?? 0) > stopMsMax ? 'slow' : 'held';
}

/** The worst of all decides. */
export function resultOf(inputs: readonly MeasuredInput[]): BadInputResult {
  const all = inputs.map(verdictOf);
  const verdict = (['down', 'passed', 'slow'] as const).find((one) => all.includes(one)) ?? 'held';
  return { verdict, stopMsMax, inputs };
}

export function resultLines({ verdict, inputs }: BadInputResult): string {
  const rows = inputs.map((input) => [
    `${input.surface}: ${input.input}`,
    input.told.slice(0, 70),
    input.stop?.app ?? '-',
    decimal(input.stop?.wallMs ?? null),
    decimal(input.stop?.computeMs ?? null),
    verdictOf(input),
  ]);
  const table = resultTable([['input', 'became', 'slowest process', 'stop ms', 'computing ms', 'verdict'], ...rows]);
  const notHeld = inputs.filter((input) => verdictOf(input) !== 'held').length;
  const sentence =
    verdict === 'held'
      ? `All ${inputs.length} were refused or borne, and no process computed for more than ${stopMsMax} ms at a time.`
      : `${notHeld} of ${inputs.length} were not held.`;
  return `${table}\n${sentence}\n`;
}
