import type { RecordedEvent } from '../event-history.js';
import { FindingDraft } from '../finding-draft.js';
import type { Finding } from '../verdict.js';

/** I6: what was read again changed nothing where it was applied. */
export function judgeReplays(events: readonly RecordedEvent[]): Finding {
  const draft = new FindingDraft('I6');
  for (const event of events) {
    if (event.kind !== 'replayed' || event.records === 0) continue;
    draft.checked += event.records;
    draft.say(`${event.records.toLocaleString('en')} records of ${event.topic} were applied to ${event.target} again`);
    if (event.before !== event.after) {
      draft.violate(`${event.target} changed when ${event.records} records of ${event.topic} were read again`, [
        `before: ${event.before}`,
        `after: ${event.after}`,
      ]);
    }
  }
  return draft.finding();
}
