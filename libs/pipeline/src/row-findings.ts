import type { ValueViolation } from '@truc/dictionary';
import { TrucError, type Position } from '@truc/kernel';
import type { Telemetry } from '@truc/telemetry';
import type { LogHeader } from './log.js';
import type { RowReason } from './row-verdict.js';

/** Header of an event whose row broke rules and passed by its dataset's choice, or of which something is to be told: `V3 person_sex not-in-code-list`, one finding a line. */
export const MARKS_HEADER = 'truc-marks';
/** Findings of one header; a row has more only where a schema has more fields at fault. */
const marksMax = 50;

/** The header for a row's marks; none for a row without. It names fields and reasons, never a value, and no view carries it over. */
export function marksHeaders(marks: readonly RowReason[]): LogHeader[] {
  if (marks.length === 0) return [];
  const lines = marks.slice(0, marksMax).map(({ rule, field, reason }) => `${rule} ${field} ${reason}`);
  return [{ key: MARKS_HEADER, value: Buffer.from(lines.join('\n')) }];
}

/** What became of the row in which a rule was found broken. */
export type FindingOutcome = 'quarantined' | 'marked' | 'stopped';

/** Counts findings by rule, element and agency: what the quality report is made of. */
export function countFindings(
  telemetry: Telemetry,
  { agency, name: dataset }: { readonly agency: string; readonly name: string },
  findings: readonly RowReason[],
  outcome: FindingOutcome,
): void {
  for (const { rule, element } of findings) {
    telemetry.record('truc_capture_findings', 1, { agency, dataset, rule, element: element ?? 'none', outcome });
  }
}

/** A row that stops its dataset, by the dataset's own choice. It names no value and no key. */
export function stoppedByRule(
  { table, dataset, position }: { readonly table: string; readonly dataset: string; readonly position: Position },
  reasons: readonly RowReason[],
): TrucError {
  const told = reasons.map(({ rule, field, reason }) => `${rule} ${field} ${reason}`).join('; ');
  return new TrucError(
    'CAPTURE_RULE_STOP',
    `${table}: the row at position ${position.epoch}/${position.sequence}/${position.index} breaks rules (${told}), and ${dataset} chooses to stop for such a row: ` +
      'have the dataset choose quarantine or pass for the rule, or correct the dictionary, and apply it; the row is then judged again',
  );
}

/** Rule V9: another live row has the row's code. */
export function secondRowOf({ codeElement, codeField }: { readonly codeElement: string; readonly codeField: string }): ValueViolation {
  return { rule: 'V9', element: codeElement, field: codeField, reason: 'second-row-of-code' };
}
