import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reportPage, type ReportFacts } from './report-page.js';

/** Writes `report.json`, and `report.html` for a person, into `directory`. */
export function writeReport(directory: string, facts: ReportFacts): void {
  writeFileSync(join(directory, 'report.json'), `${JSON.stringify(facts.verdict, null, 2)}\n`);
  writeFileSync(join(directory, 'report.html'), reportPage(facts));
}
