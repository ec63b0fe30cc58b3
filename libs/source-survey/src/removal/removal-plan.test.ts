import { role } from '../survey.test-data.js';
import type { Remnants } from './remnants.js';
import { keptIdentities, obstacleText, removalPlan } from './removal-plan.js';

const left: Remnants = {
  names: { slot: 'truc_agency', publication: 'truc_agency', role: 'truc_capture' },
  slot: { name: 'truc_agency', isOurs: true, active: false, activePid: null, retainedBytes: 1024 },
  publication: { name: 'truc_agency', mayDrop: true },
  role: role('truc_capture'),
  rights: [{ what: 'SELECT (id) ON public.person' }],
  roleSessions: 0,
  roleOwns: 0,
  roleElsewhere: [],
  surveyor: role('dba', { mayCreateRoles: true }),
  mayDropRole: true,
  identityIndexes: [{ table: 'public.card', index: 'truc_card_identity' }],
  others: [],
};
const steps = (more: Partial<Remnants>): (string | null)[][] =>
  removalPlan({ ...left, ...more }).map(({ kind, obstacle }) => [kind, obstacle]);

it('takes everything away, the slot first and the role last', () => {
  expect(removalPlan(left).map(({ sql, obstacle }) => [...sql, obstacle])).toEqual([
    [`SELECT pg_drop_replication_slot('truc_agency')`, null],
    ['DROP PUBLICATION truc_agency', null],
    ['REVOKE SELECT (id) ON public.person FROM truc_capture', null],
    ['DROP ROLE truc_capture', null],
  ]);
});

it('has nothing to do where nothing is left', () => {
  expect(steps({ slot: null, publication: null, role: null, rights: [] })).toEqual([]);
});

it.each<[string, string, Partial<Remnants>]>([
  ['slot', 'slot-read', { slot: { ...left.slot!, active: true, activePid: 7 } }],
  ['slot', 'slot-foreign', { slot: { ...left.slot!, isOurs: false } }],
  ['slot', 'not-permitted', { surveyor: role('dba', { mayReplicate: false }) }],
  ['publication', 'not-permitted', { publication: { name: 'truc_agency', mayDrop: false } }],
  ['rights', 'role-own', { surveyor: role('truc_capture') }],
  ['role', 'role-own', { surveyor: role('truc_capture') }],
  ['role', 'role-superuser', { role: role('truc_capture', { isSuperuser: true }) }],
  ['role', 'role-owns', { roleOwns: 2 }],
  ['role', 'role-elsewhere', { roleElsewhere: ['land'] }],
  ['role', 'role-connected', { roleSessions: 1 }],
  ['role', 'not-permitted', { mayDropRole: false }],
])('does not remove a %s: %s, and says what to do', (kind, obstacle, more) => {
  expect(steps(more)).toContainEqual([kind, obstacle]);
  const { en, vi } = obstacleText[obstacle as keyof typeof obstacleText];
  expect(`${en}${vi}`).not.toBe('');
});

it('never drops a slot of somebody else, or a superuser, by any statement', () => {
  const plan = removalPlan({
    ...left,
    slot: { ...left.slot!, isOurs: false },
    role: role('truc_capture', { isSuperuser: true }),
    rights: [],
  });
  expect(plan.flatMap(({ sql }) => sql)).toEqual(['DROP PUBLICATION truc_agency']);
});

it('leaves indexes to those who own the tables, with the statements', () => {
  expect(keptIdentities(left)).toEqual([
    {
      table: 'public.card',
      sql: ['ALTER TABLE public.card REPLICA IDENTITY DEFAULT', 'DROP INDEX CONCURRENTLY public.truc_card_identity'],
    },
  ]);
});
