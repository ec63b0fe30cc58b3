import type { RecordedEvent } from '../event-history.js';
import { FindingDraft } from '../finding-draft.js';
import type { Finding } from '../verdict.js';

/** I9: where data cannot be recovered a gap is named and then resolved; where it can, none is. @param sourcesAsked how many sources told their state */
export function judgeGaps(events: readonly RecordedEvent[], expectsGap: boolean, sourcesAsked: number): Finding {
  const draft = new FindingDraft('I9');
  draft.checked = sourcesAsked;
  draft.say(`${sourcesAsked} sources were asked for their state`);
  const gaps = events.flatMap((event) => (event.kind === 'gap' ? [event] : []));
  const resolved = new Set(events.flatMap((event) => (event.kind === 'gap-resolved' ? [`${event.agency}/${event.source}`] : [])));
  for (const { agency, source, name, message } of gaps) {
    draft.say(`gap ${name} of ${agency}/${source}: ${message}`);
    if (!expectsGap) draft.violate(`a gap is named where everything can be recovered: ${name} of ${agency}/${source} (${message})`);
    else if (!resolved.has(`${agency}/${source}`)) draft.violate(`the gap ${name} of ${agency}/${source} was not resolved`);
  }
  if (expectsGap && gaps.length === 0) draft.violate('data was lost beyond recovery and no gap was named');
  return draft.finding();
}
