import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Telemetry } from './telemetry.js';

export interface HealthReport {
  readonly ready: boolean;
  /** What is missing, for a person; no secrets. */
  readonly detail: Record<string, unknown>;
}

/**
 * Answers GET /metrics, /health/live and /health/ready; hands on everything else. A plain Node middleware that any HTTP framework takes.
 * They need no credentials: they tell counts and states, never rows.
 */
export function telemetryEndpoints(telemetry: Telemetry, health: () => HealthReport | Promise<HealthReport>) {
  return (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    const path = request.url?.split('?')[0];
    const answer = async (): Promise<void> => {
      if (path === '/metrics') return send(response, 200, 'text/plain; version=0.0.4; charset=utf-8', await telemetry.prometheusText());
      if (path === '/health/live')
        return send(response, 200, 'application/json', JSON.stringify({ status: 'live', service: telemetry.service }));
      const { ready, detail } = await health();
      send(
        response,
        ready ? 200 : 503,
        'application/json',
        JSON.stringify({ status: ready ? 'ready' : 'not ready', service: telemetry.service, ...detail }),
      );
    };
    if (request.method !== 'GET' || (path !== '/metrics' && path !== '/health/live' && path !== '/health/ready')) return next();
    answer().catch((error: unknown) => send(response, 500, 'text/plain', error instanceof Error ? error.message : 'failed'));
  };
}

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, { 'content-type': contentType });
  response.end(body);
}
