import { deniedRequest, refusedAppend } from '@truc/access';
import type { Logger, Telemetry } from '@truc/telemetry';

/** Distinct refusals that one look at the log is told of; a flood of requests is not to become a flood of lines. */
const toldMax = 50;

/** One kind of what the brokers refused, and how often. */
interface Refused {
  readonly line: Readonly<Record<string, string | number>>;
  readonly told: string;
  times: number;
}

/** Counts what the brokers refused, requests for want of a permission and records that they did not take, and tells of it: one line for each kind in what was read, with how often it came. */
export function tellDenied(lines: readonly string[], telemetry: Telemetry, log: Logger): void {
  const kinds = new Map<string, Refused>();
  for (const line of lines) {
    const found = refused(line, telemetry);
    if (found === null) continue;
    const text = Object.values(found.line).join(' ');
    const known = kinds.get(text);
    if (known === undefined) kinds.set(text, { ...found, times: 1 });
    else known.times += 1;
  }
  const all = [...kinds.values()];
  for (const { line, told, times } of all.slice(0, toldMax)) log.warn({ ...line, times }, told);
  if (all.length > toldMax)
    log.warn({ audit: 'broker.denied', kinds: all.length - toldMax }, 'the brokers refused further kinds of requests');
}

function refused(line: string, telemetry: Telemetry): Omit<Refused, 'times'> | null {
  const request = deniedRequest(line);
  if (request !== null) {
    const { principal, operation, resourceType: resource } = request;
    telemetry.record('truc_broker_denied', 1, { principal, operation, resource });
    return { line: { audit: 'broker.denied', ...request }, told: 'the brokers refused a request' };
  }
  const append = refusedAppend(line);
  if (append === null) return null;
  telemetry.record('truc_broker_refused', 1, { topic: append.topic });
  return {
    line: { audit: 'broker.refused', ...append },
    told: 'a broker did not take records: they have no key, or are not what they say',
  };
}
