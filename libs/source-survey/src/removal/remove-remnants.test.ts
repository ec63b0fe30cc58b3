import type { SurveySession } from '../survey-session.js';
import type { RemovalStep } from './removal-plan.js';
import { removeRemnants } from './remove-remnants.js';

const step = (kind: RemovalStep['kind'], sql: string): RemovalStep => ({ kind, name: kind, sql: [sql], obstacle: null, detail: '' });
const steps = [step('slot', 'drop the slot'), step('publication', 'drop the publication'), step('role', 'drop the role')];

/** A server that refuses some statements with a SQLSTATE. */
function session(refused: Readonly<Record<string, string>>): { readonly done: string[]; readonly open: SurveySession } {
  const done: string[] = [];
  const attempt = (sql: string): Promise<Error | null> => {
    const code = refused[sql];
    if (code === undefined) done.push(sql);
    return Promise.resolve(code === undefined ? null : Object.assign(new Error(`refused: ${code}`), { code }));
  };
  const told = (doing: string): Error => new Error(`while ${doing}`);
  return { done, open: { attempt, told } as unknown as SurveySession };
}

it('takes the slot from a standby, and tells what its primary has to be asked for', async () => {
  const { done, open } = session({ 'drop the publication': '25006', 'drop the role': '25006' });
  const outcomes = await removeRemnants(open, steps);
  expect(done).toEqual(['drop the slot']);
  expect(outcomes.map(({ step: { kind }, refused }) => [kind, refused])).toEqual([
    ['slot', null],
    ['publication', 'refused: 25006'],
    ['role', 'refused: 25006'],
  ]);
});

it('ends where something else goes wrong', async () => {
  await expect(removeRemnants(session({ 'drop the publication': '57P01' }).open, steps)).rejects.toThrow('while removing publication');
});
