import { fannedOut } from '../progress-mark.js';
import { repeatedKill } from '../repeated-kill.js';

export const scenario = repeatedKill({
  name: 'kill-distributor',
  describes: 'the distributor is killed while it fans out, several times, and started again',
  process: 'distributor',
  progress: fannedOut,
});
