import { isoDateOfDays } from '@truc/dictionary';
import { deadline, datasetStates, type AssessedDataset, type DatasetState } from './assessment.js';

/** Up to this share of rows that would be held back, a table is nearly there. */
export const nearlyShareMax = 0.01;

/** @param share of rows that would be held back */
export function stateOf({
  isRead,
  isBlocked,
  share,
}: {
  readonly isRead: boolean;
  readonly isBlocked: boolean;
  readonly share: number;
}): DatasetState {
  if (!isRead) return 'not-assessed';
  if (isBlocked) return 'blocked';
  return share === 0 ? 'conforms' : share <= nearlyShareMax ? 'nearly' : 'far';
}

/** Of the whole database: that of its worst table; nothing conforms where there is nothing. */
export function wholeState(datasets: readonly Pick<AssessedDataset, 'state'>[]): DatasetState {
  const worst = Math.max(...datasets.map(({ state }) => datasetStates.indexOf(state)));
  return datasetStates[worst] ?? 'not-assessed';
}

/** Days until the term ends, its last day not counted. @param today in Viet Nam, in days since 1970-01-01 */
export function daysLeft(today: number): number {
  return Math.round((Date.parse(deadline) - Date.parse(isoDateOfDays(today))) / 86_400_000);
}
