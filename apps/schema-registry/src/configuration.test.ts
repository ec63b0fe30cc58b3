import { Secret } from '@truc/kernel';
import { registryConfiguration } from './configuration.js';

describe('the configuration of the registry', () => {
  const pem = new Secret('a file', () => 'a text');
  const kafka = { brokers: ['127.0.0.1:9092'], username: 'registry', password: pem, mechanism: 'SCRAM-SHA-512' };
  const given = (more: object) => registryConfiguration.safeParse({ port: 0, databaseUrl: 'postgres://u:p@127.0.0.1/registry', ...more });

  it('asks nobody for a certificate where no policy says whose it is', () => {
    const tls = { certificate: pem, key: pem, clientCa: pem };
    expect(given({ tls }).error?.issues).toMatchObject([{ path: ['tls', 'clientCa'] }]);
    expect(given({ tls, kafka }).success).toBe(true);
    expect(given({ tls: { certificate: pem, key: pem } }).success).toBe(true);
  });

  it('is open on this machine only', () => {
    expect(given({ open: true, host: '0.0.0.0' }).error?.issues).toMatchObject([{ path: ['open'] }]);
    expect(given({ open: true }).success).toBe(true);
  });
});
