import { firstAdministrator, isStillKnown, platformItself, type KnownPrincipal } from './known-principal.js';
import type { TokenHolder } from './token.js';

const known: KnownPrincipal = { name: 'lan.tran', agency: 'G12', role: 'integrator', sinceSeconds: 1_000 };
const holder: TokenHolder = { name: 'lan.tran', agency: 'G12', role: 'integrator', issuedAtSeconds: 1_000, goodUntilSeconds: 5_000 };

describe('a token holder', () => {
  it('may come in while a principal of that name, agency and role is known', () => {
    expect(isStillKnown(holder, known)).toBe(true);
    expect(isStillKnown(holder, null)).toBe(false);
    expect(isStillKnown({ ...holder, agency: 'G13' }, known)).toBe(false);
    expect(isStillKnown({ ...holder, role: 'agent' }, known)).toBe(false);
    expect(isStillKnown({ ...holder, name: 'other' }, known)).toBe(false);
  });

  it('may not where the token is older than the principal who has the name now', () => {
    expect(isStillKnown({ ...holder, issuedAtSeconds: 999 }, known)).toBe(false);
  });

  it('need not be made where the platform signs for it by itself, under exactly that name and role', () => {
    for (const principal of [firstAdministrator, platformItself]) {
      expect(isStillKnown({ ...principal, issuedAtSeconds: 0 }, null)).toBe(true);
      expect(isStillKnown({ ...principal, role: 'reader', issuedAtSeconds: 0 }, null)).toBe(false);
      expect(isStillKnown({ ...principal, name: 'root', issuedAtSeconds: 0 }, null)).toBe(false);
    }
  });
});
