import { actions, may, mayApproveOf, type Action } from './decision.js';
import { roles, type Principal, type Role } from './principal.js';

const as = (role: Role): Principal => ({ name: 'x', agency: role === 'agent' || role === 'integrator' ? 'G01' : null, role });
const allowed = (role: Role, agency: string | null): Action[] => actions.filter((action) => may(as(role), action, { agency }));

describe('may', () => {
  it('lets the administrator do everything but approve of a dictionary', () => {
    const all = actions.filter((action) => action !== 'dictionary.approve');
    expect(allowed('administrator', 'G01')).toEqual(all);
    expect(allowed('administrator', null)).toEqual(all);
  });

  it('lets a steward propose what its agency keeps, everybody with a say review it, and only the dictionary authority approve, and not of its own', () => {
    const mayPropose = (agency: string | null) => roles.filter((role) => may(as(role), 'dictionary.propose', { agency }));
    expect(mayPropose('G01')).toEqual(['administrator', 'integrator', 'dictionary-authority']);
    expect(mayPropose('G02')).toEqual(['administrator', 'dictionary-authority']);
    expect(mayPropose(null)).toEqual(['administrator', 'dictionary-authority']);
    const mayReview = roles.filter((role) => may(as(role), 'dictionary.review', { agency: null }));
    expect(mayReview).toEqual(['administrator', 'integrator', 'dictionary-authority']);
    expect(roles.filter((role) => mayApproveOf(as(role), 'somebody-else'))).toEqual(['dictionary-authority']);
    expect(roles.filter((role) => mayApproveOf(as(role), as(role).name))).toEqual([]);
  });

  it('keeps an integrator to its own agency', () => {
    expect(allowed('integrator', 'G01')).toEqual(expect.arrayContaining(['schemas.register', 'documents.apply']));
    for (const agency of ['G02', 'G01.1', null]) {
      expect(allowed('integrator', agency)).not.toEqual(expect.arrayContaining(['schemas.register']));
      expect(allowed('integrator', agency)).not.toEqual(expect.arrayContaining(['documents.apply']));
    }
  });

  it('lets nobody but the platform and integrators register a schema', () => {
    expect(roles.filter((role) => may(as(role), 'schemas.register', { agency: 'G01' }))).toEqual([
      'administrator',
      'platform',
      'integrator',
    ]);
  });

  it('lets an agency command its own agents, and nobody else but the platform and the administrator', () => {
    const mayCommand = (agency: string | null) => roles.filter((role) => may(as(role), 'commands.send', { agency }));
    expect(mayCommand('G01')).toEqual(['administrator', 'platform', 'agent', 'integrator']);
    expect(mayCommand('G02')).toEqual(['administrator', 'platform']);
    expect(mayCommand(null)).toEqual(['administrator', 'platform']);
  });

  it('lets only the administrator manage principals', () => {
    expect(roles.filter((role) => may(as(role), 'principals.manage', { agency: 'G01' }))).toEqual(['administrator']);
  });
});
