import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { serviceConfiguration } from './configuration.js';
import { environmentSettings } from './environment-settings.js';
import { reveal, secret, secretText } from './secret.js';

const schema = z.strictObject({
  port: z.int(),
  host: z.string().default('127.0.0.1'),
  open: z.boolean().default(false),
  otlpEndpoint: z.url().nullable().default(null),
  databaseUrl: secretText.refine((value) => reveal(value).length > 3, { message: 'longer' }),
  kafka: z.strictObject({
    brokers: z.array(z.string().regex(/:/)).min(1),
    password: secret,
    tls: z.strictObject({ caFile: z.string().optional() }).nullish(),
  }),
  seats: z.array(z.strictObject({ agency: z.string(), token: secretText })).default([]),
});

describe('a configuration in the environment', () => {
  const directory = mkdtempSync(join(tmpdir(), 'truc-environment-'));
  const file = join(directory, 'service.json');
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const load = (environment: Record<string, string>, content?: object) => {
    if (content !== undefined) writeFileSync(file, JSON.stringify(content));
    return serviceConfiguration(schema, { file: content === undefined ? null : file, environment, workingDirectory: directory });
  };
  const least = {
    TRUC__PORT: '8080',
    TRUC__DATABASE_URL: 'postgres://x',
    TRUC__KAFKA__BROKERS: 'a:1, b:2',
    TRUC__KAFKA__PASSWORD: 'hunter2',
  };

  it('has one variable for each setting, named for its place', () => {
    expect(environmentSettings(schema).map(({ name, form, isRequired }) => `${name} ${form}${isRequired ? '!' : ''}`)).toEqual([
      'TRUC__PORT number!',
      'TRUC__HOST text',
      'TRUC__OPEN boolean',
      'TRUC__OTLP_ENDPOINT text',
      'TRUC__DATABASE_URL secret!',
      'TRUC__KAFKA__BROKERS list!',
      'TRUC__KAFKA__PASSWORD secret!',
      'TRUC__KAFKA__TLS__CA_FILE text',
      'TRUC__SEATS json',
    ]);
  });

  it('is enough by itself', () => {
    const { port, host, kafka, databaseUrl } = load(least);
    expect([port, host, kafka.brokers, reveal(databaseUrl)]).toEqual([8080, '127.0.0.1', ['a:1', 'b:2'], 'postgres://x']);
    expect(JSON.stringify(kafka)).not.toContain('hunter2');
  });

  it('stands over the file, setting by setting', () => {
    writeFileSync(join(directory, 'password'), 'of the file\n');
    const content = { port: 1, databaseUrl: { env: 'URL' }, kafka: { brokers: ['c:3'], password: { file: 'password' } } };
    const { port, kafka, open } = load({ URL: 'postgres://file', TRUC__PORT: '2', TRUC__OPEN: 'true', TRUC__HOST: '' }, content);
    expect([port, open, kafka.brokers, kafka.password.reveal()]).toEqual([2, true, ['c:3'], 'of the file']);
  });

  it('names a file that holds a secret, and secrets within JSON by reference', () => {
    writeFileSync(join(directory, 'url'), 'postgres://secret\n');
    const seats = JSON.stringify([{ agency: 'G01', token: { file: 'url' } }]);
    const told = load({ ...least, TRUC__DATABASE_URL: '', TRUC__DATABASE_URL__FILE: 'url', TRUC__SEATS: seats });
    expect([reveal(told.databaseUrl), told.seats.map(({ token }) => reveal(token))]).toEqual(['postgres://secret', ['postgres://secret']]);
  });

  it('tells all that is wrong with it at once, and repeats no value', () => {
    const wrong = { ...least, TRUC__PROT: '1', TRUC__PORT: 'hunter2', TRUC__OPEN: 'hunter2', TRUC__SEATS: '{hunter2' };
    let message = '';
    try {
      load(wrong);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toMatch(
      /TRUC__OPEN: not true or false\n.*TRUC__PORT: not a number\n.*TRUC__PROT: there is no such setting; there are TRUC__PORT/,
    );
    expect(message).toContain('TRUC__SEATS: not valid JSON');
    expect(message).not.toContain('hunter2');
  });

  it('judges the whole as it judges a file', () => {
    expect(() => load({ TRUC__PORT: '1' })).toThrow(/configuration in the environment is not valid:\n {2}databaseUrl[\s\S]*kafka/);
    // Kubernetes tells every container of services by variables like these.
    expect(load({ ...least, TRUC_PORT: 'tcp://10.0.0.1:80', TRUC_SERVICE_HOST: '10.0.0.1' }).port).toBe(8080);
  });
});
