import { appliedTo } from '../progress-mark.js';
import { repeatedKill } from '../repeated-kill.js';

export const scenario = repeatedKill({
  name: 'kill-general-database',
  describes: 'the process that applies to the general database is killed while it applies, several times, and started again',
  process: 'general-database',
  progress: appliedTo('generalDatabase'),
});
