import { PassThrough } from 'node:stream';
import { NotFoundException, type ArgumentsHost } from '@nestjs/common';
import { TrucError } from '@truc/kernel';
import { createLogger, Telemetry } from '@truc/telemetry';
import { HttpProblem } from './http-problem.js';

const canary = '001099012345';

const telemetry = new Telemetry({ service: 'platform', otlpEndpoint: null });

function answered(error: unknown, request: object = { method: 'GET', path: '/' }): { status: number; body: unknown; logged: string } {
  const lines = new PassThrough();
  const answer = { status: 0, body: null as unknown };
  const response = {
    setHeader: () => response,
    status: (status: number) => Object.assign(response, { sent: (answer.status = status) }),
    json: (body: unknown) => (answer.body = body),
  };
  const host = { switchToHttp: () => ({ getResponse: () => response, getRequest: () => request }) } as unknown as ArgumentsHost;
  new HttpProblem(createLogger('platform', { level: 'trace', destination: lines }), telemetry).catch(error, host);
  return { ...answer, logged: String(lines.read() ?? '') };
}

describe('a problem over HTTP', () => {
  it('that nobody expected is logged with its code and place, without what it quotes, and told in general', () => {
    const error = Object.assign(new Error(`duplicate key (${canary})`), { code: '23505', parameters: [canary], detail: canary });
    const { status, body, logged } = answered(error);
    expect({ status, body }).toMatchObject({ status: 500, body: { code: 'PLATFORM_FAILED' } });
    expect(logged).toContain('23505');
    expect(logged).toContain('http-problem.test');
    expect(logged + JSON.stringify(body)).not.toContain(canary);
  });

  it('is the request’s where it holds text that no database does', () => {
    const error = Object.assign(new Error('invalid byte sequence'), { code: '22021' });
    expect(answered(error)).toMatchObject({ status: 400, body: { code: 'PLATFORM_REQUEST_INVALID' }, logged: '' });
  });

  it('of ours is logged by code and sentence, without its cause', () => {
    const { status, logged } = answered(new TrucError('LOG_WRITE_FAILED', 'no broker answers', { retry: true, cause: new Error(canary) }));
    expect(status).toBe(503);
    expect(logged).toContain('no broker answers');
    expect(logged).not.toContain(canary);
  });

  it('of a caller who may not do this is told in the audit and counted, with who it was', async () => {
    const caller = { name: 'lan.tran', role: 'integrator', agency: 'G12' };
    const error = new TrucError('PLATFORM_ACCESS_DENIED', 'lan.tran (integrator) may not do this');
    const { status, logged } = answered(error, { method: 'POST', path: '/v1/agents/G01/commands', caller });
    expect(status).toBe(403);
    expect(JSON.parse(logged)).toMatchObject({
      level: 40,
      audit: 'access.denied',
      principal: 'lan.tran',
      agency: 'G12',
      method: 'POST',
      path: '/v1/agents/G01/commands',
    });
    expect(await telemetry.prometheusText()).toMatch(/truc_access_denied_total\{[^}]*role="integrator"[^}]*\} 1/);
    expect(JSON.parse(answered(new TrucError('ACCESS_TOKEN_INVALID', 'no')).logged)).toMatchObject({ audit: 'access.denied' });
  });

  it("that is the caller's own is not logged at all", () => {
    for (const error of [new TrucError('PLATFORM_REQUEST_INVALID', canary), new NotFoundException(canary)]) {
      expect(answered(error).logged).toBe('');
    }
  });
});
