import { repeatedKill } from '../repeated-kill.js';

export const scenario = repeatedKill({
  name: 'kill-agent',
  describes: 'the agent that captures the population database is killed while it captures, several times, and started again',
  process: 'agent-g01',
});
