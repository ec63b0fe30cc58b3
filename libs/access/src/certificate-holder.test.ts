import { principalOfCertificate, type ShownCertificate } from './certificate-holder.js';
import type { KnownPrincipal } from './known-principal.js';

const now = 1_800_000_000;
const shown: ShownCertificate = { commonName: 'lan.tran', isTrusted: true, validFromSeconds: now - 60, validToSeconds: now + 60 };
const known: KnownPrincipal = { name: 'lan.tran', agency: 'G01', role: 'integrator', sinceSeconds: now - 60 };

describe('who a certificate speaks for', () => {
  it('is the principal of its name, with the agency and role that are known', () => {
    expect(principalOfCertificate(shown, known, now)).toEqual({ name: 'lan.tran', agency: 'G01', role: 'integrator' });
  });

  it.each<[string, Partial<ShownCertificate>, Partial<KnownPrincipal> | null]>([
    ['ACCESS_CERTIFICATE_UNTRUSTED', { isTrusted: false }, {}],
    ['ACCESS_CERTIFICATE_EXPIRED', { validToSeconds: now - 1 }, {}],
    ['ACCESS_CERTIFICATE_EXPIRED', { validToSeconds: Number.NaN }, {}],
    ['ACCESS_CERTIFICATE_UNKNOWN', {}, null],
    ['ACCESS_CERTIFICATE_UNKNOWN', { commonName: null }, {}],
    ['ACCESS_CERTIFICATE_UNKNOWN', { commonName: 'thu.le' }, {}],
    ['ACCESS_CERTIFICATE_OLD', { validFromSeconds: now - 60 - 3_601 }, {}],
    ['ACCESS_CERTIFICATE_OLD', { validFromSeconds: Number.NaN }, {}],
    ['ACCESS_PRINCIPAL_INVALID', {}, { role: 'king' }],
  ])('is nobody: %s with %j and %j', (code, certificate, principal) => {
    const kept = principal === null ? null : { ...known, ...principal };
    expect(() => principalOfCertificate({ ...shown, ...certificate }, kept, now)).toThrow(expect.objectContaining({ code }));
  });

  it('may be dated back by an hour', () => {
    expect(principalOfCertificate({ ...shown, validFromSeconds: now - 60 - 3_600 }, known, now).name).toBe('lan.tran');
  });
});
