import { captured } from '../progress-mark.js';
import { repeatedKill } from '../repeated-kill.js';
import type { Scenario } from '../scenario.js';
import { killAtStoredPosition } from '../stored-position-kill.js';

const anyMoment = repeatedKill({
  name: 'kill-agent',
  describes:
    'the agent that captures the population database is killed while it captures, several times, and once at the moment when it has stored a position; it is started again each time',
  process: 'agent-g01',
  progress: captured,
});

export const scenario: Scenario = {
  ...anyMoment,
  run: async (stage) => {
    await anyMoment.run(stage);
    await killAtStoredPosition(stage);
  },
};
