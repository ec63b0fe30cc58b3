import type { DictionaryRelease } from '@truc/dictionary';
import { vietnamToday } from '@truc/dictionary';
import { messageOf, TrucError, type Clock } from '@truc/kernel';
import {
  apart,
  captureCost,
  obstacle,
  readingPlan,
  readTable,
  rowsExpected,
  surveyOf,
  withReadTransaction,
  withSurveySession,
  type CapturePlan,
  type DatabaseSurvey,
  type ReadingPlan,
  type SurveySession,
  type TableFacts,
} from '@truc/source-survey';
import type { MappedTable, SourceMapping } from '../source/source-mapping.js';
import { deadline, type AssessedDataset, type Assessment, type MappingOrigin, type Obstacle } from './assessment.js';
import { assessedDataset, unreadDataset } from './assessed-dataset.js';
import { DatasetAssessor } from './dataset-assessor.js';
import { homesOf, OwnCodes } from './own-codes.js';
import { PageParents } from './page-parents.js';
import { provenStatements } from './proven-statements.js';
import { daysLeft, wholeState } from './readiness.js';

export interface AssessOptions {
  readonly url: string;
  /** `host:port/database`. */
  readonly shown: string;
  readonly mapping: SourceMapping;
  readonly origin: MappingOrigin;
  /** By table: the lowest confidence of a proposed mapping's entries. */
  readonly confidences?: ReadonlyMap<string, number>;
  readonly release: DictionaryRelease;
  readonly slot: string;
  readonly publication: string;
  /** Tables with more rows are read in part; null to read all. */
  readonly sampleRows: number | null;
  readonly seed: number;
  readonly freeDiskBytes: number | null;
  readonly statementTimeoutMs: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** How far the reading is, in rows. */
  readonly onProgress?: (table: string, read: number, of: number) => void;
}

/** Reads a database and says how it stands against the dictionary. Changes nothing, holds no lock but that of a reader. @throws TrucError SURVEY_* */
export function assessDatabase(options: AssessOptions): Promise<Assessment> {
  const { url, statementTimeoutMs, signal } = options;
  return withSurveySession(url, { statementTimeoutMs, signal }, (session) =>
    withReadTransaction(session, () => assessed(session, options)),
  );
}

/** Errors of one table, which end nothing else. */
const ofOneTable = new Set(['SURVEY_NOT_PERMITTED', 'SURVEY_TOO_SLOW', 'SURVEY_POSTGRES_ERROR']);

async function assessed(session: SurveySession, options: AssessOptions): Promise<Assessment> {
  const { mapping, origin, release, clock, slot, publication, freeDiskBytes } = options;
  const survey = await surveyOf(session, { role: null, publication, tables: null, freeDiskBytes });
  const facts = new Map(survey.tables.map((table) => [table.table, table]));
  const run = { session, survey, facts, options, ownCodes: new OwnCodes(homesOf(mapping.mapped)), timing: { rows: 0, ms: 0 } };
  const judged: AssessedDataset[] = [];
  for (const mapped of mapping.mapped) judged.push(await assessTable(mapped, run));
  const unmatched = run.ownCodes.unmatched();
  const datasets = judged.map((one) => ({ ...one, unmatchedCodes: unmatched.filter(({ table }) => table === one.table) }));
  const plan: CapturePlan = { role: survey.roleName, slot, publication, tables: mapping.tables };
  return {
    madeAtMs: clock.now(),
    source: mapping.name,
    database: options.shown,
    serverVersion: survey.server.version,
    reader: survey.surveyor.name,
    dictionaryRelease: release.number,
    mapping: origin,
    deadline,
    daysLeft: daysLeft(vietnamToday(clock)),
    state: wholeState(datasets),
    datasets,
    leftOut: leftOutTables(mapping, survey),
    listsNotLoaded: listsNotLoaded(mapping, release),
    cost: captureCost(survey, plan, run.timing.rows < rowsTimedMin ? null : Math.round(run.timing.rows / (run.timing.ms / 1000))),
  };
}

/** Fewer rows tell nothing of a rate. */
const rowsTimedMin = 1_000;

interface Run {
  readonly session: SurveySession;
  readonly survey: DatabaseSurvey;
  readonly facts: ReadonlyMap<string, TableFacts>;
  readonly options: AssessOptions;
  readonly ownCodes: OwnCodes;
  readonly timing: { rows: number; ms: number };
}

async function assessTable(mapped: MappedTable, run: Run): Promise<AssessedDataset> {
  const { session, facts, options, ownCodes } = run;
  const { compiled } = mapped;
  const table = facts.get(compiled.table);
  const confidence = options.confidences?.get(compiled.table) ?? null;
  if (table === undefined) {
    ownCodes.leaveOpen(compiled.table);
    return unreadDataset(
      mapped,
      { table: null, confidence },
      { code: 'TABLE_MISSING', message: `there is no table ${compiled.table} in the database` },
    );
  }
  const plan = readingPlan(table, options.sampleRows, options.seed);
  if (plan.kind === 'sample') ownCodes.leaveOpen(table.table);
  try {
    return await apart(session, () => readAndJudge(mapped, table, plan, run));
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!(error instanceof TrucError) || !(ofOneTable.has(error.code) || error.code.startsWith('MAPPING_'))) throw error;
    ownCodes.leaveOpen(table.table);
    return unreadDataset(mapped, { table, confidence }, { code: error.code, message: messageOf(error) });
  }
}

async function readAndJudge(mapped: MappedTable, facts: TableFacts, plan: ReadingPlan, run: Run): Promise<AssessedDataset> {
  const { session, options, ownCodes, timing } = run;
  const { clock, release, signal, onProgress } = options;
  const { compiled, dataset } = mapped;
  const parents = new PageParents();
  const assessor = new DatasetAssessor({ mapped, facts, release, clock, plan, parents, ownCodes, version: session.version });
  const { columns } = assessor.relation;
  const parent = compiled.parent === null ? null : parentFacts(compiled.parent.table, run);
  const of = plan.kind === 'whole' ? rowsExpected(facts) : Math.round((rowsExpected(facts) * plan.percent) / 100);
  const names = columns.map(({ name }) => name);
  const startedAt = performance.now();
  let read = 0;
  for await (const rows of readTable(session, { table: facts.table, columns: names, isPartitioned: facts.isPartitioned, plan, signal })) {
    if (parent !== null) await parents.load(session, compiled, columns, parent, rows);
    assessor.take(rows);
    read += rows.length;
    onProgress?.(facts.table, read, Math.max(of, read));
  }
  timing.rows += read;
  timing.ms += performance.now() - startedAt;
  const judged = assessor.result();
  const statements = await provenStatements(session, facts, judged.mendings, [...run.facts.values()]);
  const planned = options.mapping.tables.find(({ table }) => table === facts.table);
  const blocked = planned === undefined ? null : obstacle(facts, planned);
  return assessedDataset({
    dataset: dataset.name,
    facts,
    plan,
    judged,
    statements,
    obstacles: blocked === null ? [] : [blockedBy(blocked, facts.table)],
    mappedColumns: compiled.columns.length,
    confidence: options.confidences?.get(facts.table) ?? null,
  });
}

/** @throws TrucError MAPPING_COLUMN_MISSING */
function parentFacts(table: string, { facts }: Run): TableFacts {
  const parent = facts.get(table);
  if (parent === undefined)
    throw new TrucError('MAPPING_COLUMN_MISSING', `the way to the code (via) leads to ${table}, and there is no such table`);
  return parent;
}

function blockedBy(kind: 'no-key' | 'key-not-unique', table: string): Obstacle {
  return kind === 'no-key'
    ? {
        code: 'NO_KEY',
        message: `${table} has no primary key or unique index over NOT NULL columns: truc source check prints the SQL that gives it one`,
      }
    : { code: 'KEY_NOT_UNIQUE', message: `no unique index of ${table} stands on exactly the columns that the mapping names as its key` };
}

function leftOutTables({ leftOut, mapped, tables: planned }: SourceMapping, { tables }: DatabaseSurvey): Assessment['leftOut'] {
  const named = new Set([...leftOut, ...mapped.map(({ compiled }) => compiled), ...planned].map(({ table }) => table));
  return [...leftOut, ...tables.filter(({ table }) => !named.has(table)).map(({ table }) => ({ table, reason: null }))];
}

function listsNotLoaded({ mapped }: SourceMapping, release: DictionaryRelease): string[] {
  const empty = new Set(release.notLoaded);
  const used = mapped.flatMap(({ dataset }) =>
    dataset.fields.flatMap(({ element }) => {
      const definition = release.element(element);
      const list = definition === null ? null : (release.valueDomain(definition.valueDomain)?.codeList ?? null);
      return list !== null && empty.has(list) ? [list.slice(list.lastIndexOf(':') + 1)] : [];
    }),
  );
  return [...new Set(used)].toSorted();
}
