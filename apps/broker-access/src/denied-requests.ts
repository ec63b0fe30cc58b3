import { deniedRequest, type DeniedRequest } from '@truc/access';
import type { Logger, Telemetry } from '@truc/telemetry';

/** Distinct refusals that one look at the log is told of; a flood of requests is not to become a flood of lines. */
const toldMax = 50;

/** Counts what the brokers refused, and tells of it: one line for each kind of request in what was read, with how often it came. */
export function tellDenied(lines: readonly string[], telemetry: Telemetry, log: Logger): void {
  const kinds = new Map<string, { readonly request: DeniedRequest; times: number }>();
  for (const line of lines) {
    const request = deniedRequest(line);
    if (request === null) continue;
    const { principal, operation, resourceType: resource } = request;
    telemetry.record('truc_broker_denied', 1, { principal, operation, resource });
    const text = Object.values(request).join(' ');
    const known = kinds.get(text);
    if (known === undefined) kinds.set(text, { request, times: 1 });
    else known.times += 1;
  }
  const all = [...kinds.values()];
  for (const { request, times } of all.slice(0, toldMax))
    log.warn({ audit: 'broker.denied', ...request, times }, 'the brokers refused a request');
  if (all.length > toldMax)
    log.warn({ audit: 'broker.denied', kinds: all.length - toldMax }, 'the brokers refused further kinds of requests');
}
