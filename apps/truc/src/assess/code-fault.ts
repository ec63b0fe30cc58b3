import type { RowReason } from '@truc/pipeline';
import type { CodeFault } from './assessment.js';

/** What kind of fault of a code a reason is; null where it is about something else. @param isCode whether the field holds codes */
export function codeFaultOf({ rule, reason }: Pick<RowReason, 'rule' | 'reason'>, isCode: boolean): CodeFault | null {
  if (rule === 'V9') return 'duplicate';
  if (rule === 'V3' || rule === 'V8' || reason.startsWith('parent-unknown')) return 'unmatched';
  if (!isCode) return null;
  if (reason === 'missing') return 'missing';
  return rule === 'V1' || rule === 'V2' ? 'malformed' : null;
}
