import { PassThrough } from 'node:stream';
import type { ArgumentsHost } from '@nestjs/common';
import { RegistryRefusal } from '@truc/registry';
import { createLogger, Telemetry } from '@truc/telemetry';
import { RefusalFilter } from './refusal-filter.js';

const canary = '001099012345';

function answered(error: unknown, method = 'GET', called: object = {}): { status: number; body: unknown; logged: string } {
  const lines = new PassThrough();
  const answer = { status: 0, body: null as unknown };
  const response = {
    req: { method, path: '/subjects/x/versions', ...called },
    setHeader: () => response,
    status: (status: number) => Object.assign(response, { sent: (answer.status = status) }),
    json: (body: unknown) => (answer.body = body),
  };
  const host = { switchToHttp: () => ({ getResponse: () => response }) } as unknown as ArgumentsHost;
  const log = createLogger('schema-registry', { level: 'trace', destination: lines });
  new RefusalFilter(log, new Telemetry({ service: 'schema-registry', otlpEndpoint: null })).catch(error, host);
  return { ...answer, logged: String(lines.read() ?? '') };
}

describe('an error of the registry', () => {
  it('that nobody expected is logged with its place, without what it quotes, and told in general', () => {
    const error = Object.assign(new Error(`bad row ${canary}`), { parameters: [canary], cause: new TypeError(canary) });
    const { status, body, logged } = answered(error);
    expect(status).toBe(500);
    expect(logged).toContain('refusal-filter.test');
    expect(logged + JSON.stringify(body)).not.toContain(canary);
  });

  it('of the database is logged with its code, without its statement', () => {
    const cause = Object.assign(new Error(`value ${canary}`), { code: '22P02', query: canary, driverError: { detail: canary } });
    const { logged } = answered(new RegistryRefusal('storeFailed', 'Error in the backend data store', { cause }));
    expect(logged).toContain('22P02');
    expect(logged).not.toContain(canary);
  });

  it("that is the caller's own is not logged at all", () => {
    const { status, logged } = answered(new RegistryRefusal('invalidSchema', `Invalid schema: ${canary}`));
    expect({ status, logged }).toEqual({ status: 422, logged: '' });
  });

  it('tells in the audit who was not let in, and whose change was refused by which rules, but nothing of what was sent', () => {
    const principal = { name: 'lan.tran', role: 'integrator', agency: 'G12' };
    const told = (error: unknown, method: string, called: object = {}) => {
      const { logged } = answered(error, method, called);
      expect(logged).not.toContain(canary);
      return logged === '' ? null : (JSON.parse(logged) as object);
    };
    expect(told(new RegistryRefusal('unauthorised', canary), 'GET')).toMatchObject({ audit: 'access.denied' });
    expect(told(new RegistryRefusal('denied', canary), 'PUT', { principal })).toMatchObject({
      audit: 'access.denied',
      principal: 'lan.tran',
    });
    const violation = { rule: 'D7', path: '$', element: null, expected: 'a', found: canary, hint: '' };
    const refused = new RegistryRefusal('invalidSchema', canary, { violations: [violation, violation] });
    expect(told(refused, 'POST', { principal })).toMatchObject({ audit: 'request.refused', agency: 'G12', rules: ['D7'] });
    expect(told(new RegistryRefusal('subjectNotFound', canary), 'GET', { principal })).toBeNull();
  });

  it('about a schema that is too large to be read is one of rule D12', () => {
    const error = Object.assign(new Error('request entity too large'), { status: 413 });
    const { status, body } = answered(error, 'POST');
    expect(status).toBe(422);
    expect(body).toMatchObject({ error_code: 42201, violations: [{ rule: 'D12', path: '$', expected: 'at most 65536 bytes' }] });
    expect(answered(error, 'PUT')).toMatchObject({ status: 413, body: { error_code: 413 } });
  });
});
