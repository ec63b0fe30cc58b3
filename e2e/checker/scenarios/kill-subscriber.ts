import { appliedTo } from '../progress-mark.js';
import { repeatedKill } from '../repeated-kill.js';

export const scenario = repeatedKill({
  name: 'kill-subscriber',
  describes: 'the agent that applies to the subscriber is killed while it applies, several times, and started again',
  process: 'agent-g12',
  progress: appliedTo('socialInsurance'),
});
