import { CommandLine } from '../commands/command-line.test-data.js';
import { AgencyDatabase, catalogue } from './agency-database.test-data.js';

/** A command line before an agency's database, and what its catalogue said before anything was done. */
export interface AgencyCommandLine {
  readonly database: AgencyDatabase;
  readonly line: CommandLine;
  readonly before: unknown;
}

/** Of all tests of a suite. @param give is handed what they work with, before the first of them */
export function agencyCommandLine(
  programs: Parameters<typeof AgencyDatabase.start>[0],
  ddl: string,
  give: (opened: AgencyCommandLine) => void,
): void {
  let opened: AgencyCommandLine;
  beforeAll(async () => {
    const database = await AgencyDatabase.start(programs, ddl);
    opened = { database, line: new CommandLine(), before: await catalogue(await database.as('postgres')) };
    give(opened);
  });
  afterAll(async () => {
    opened.line.close();
    await opened.database.stop();
  });
}
