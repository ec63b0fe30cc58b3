import { stateOf } from '../survey-error.js';
import type { SurveySession } from '../survey-session.js';
import type { RemovalStep } from './removal-plan.js';

/** What became of one step. */
export interface RemovalOutcome {
  readonly step: RemovalStep;
  /** Null where it was done; what PostgreSQL said where it refused. */
  readonly refused: string | null;
}

/** Refusals that a person has to deal with, and that keep no other step from being done: rights, things that depend on it, things in use, and what a standby cannot do, whose primary has it. */
const refusals = new Set(['42501', '2BP01', '55006', '42704', '55P03', '25006']);

/**
 * Does what can be done, each statement by itself; a slot cannot be dropped in a transaction that is taken back.
 * @throws TrucError SURVEY_* where something else goes wrong
 */
export async function removeRemnants(session: SurveySession, steps: readonly RemovalStep[]): Promise<RemovalOutcome[]> {
  const outcomes: RemovalOutcome[] = [];
  for (const step of steps) {
    if (step.obstacle !== null) continue;
    outcomes.push({ step, refused: await refusal(session, step) });
  }
  return outcomes;
}

async function refusal(session: SurveySession, { sql, name }: RemovalStep): Promise<string | null> {
  for (const statement of sql) {
    const error = await session.attempt(statement);
    if (error === null) continue;
    if (refusals.has(stateOf(error))) return error.message;
    throw session.told(`removing ${name}`, error);
  }
  return null;
}
