import { messageOf } from '@truc/kernel';
import type { Logger, Telemetry } from '@truc/telemetry';
import type { PolicyReaderOptions } from './policy-reader.js';

/** What a reader of policy is to do with its troubles: entries that are kept out are counted and told loudly, a log that is away for a moment is not. */
export function reportPolicy(telemetry: Telemetry, log: Logger): Required<Pick<PolicyReaderOptions, 'onProblem' | 'onError'>> {
  return {
    onProblem: ({ topic, key, reason }) => {
      telemetry.record('truc_policy_rejected', 1, { topic });
      log.warn({ topic, key, reason }, 'a policy entry cannot be used and is kept out');
    },
    onError: (error) => log.debug({ reason: messageOf(error) }, 'the policy topics cannot be read at the moment'),
  };
}
