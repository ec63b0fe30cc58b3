import { createServer } from 'node:net';
import { withNeeds } from './backbone-app.js';
import { checkPorts, freePorts, portsFrom } from './backbone-ports.js';

describe('ports of a backbone', () => {
  it('gives every process one of its own, above the base', () => {
    const ports = portsFrom(4700);
    expect(ports).toMatchObject({
      postgres: 4701,
      kafka: 4702,
      'schema-registry': 4704,
      platform: 4705,
      'general-database': 4709,
      'broker-access': 4710,
    });
    expect(new Set(Object.values(ports)).size).toBe(Object.values(ports).length);
    expect(() => portsFrom(80)).toThrow(/80 cannot be the base/);
    expect(() => portsFrom(65_530)).toThrow(/cannot be the base/);
  });

  it('tells of a busy port of a process that will run, and of no other', async () => {
    const ports = await freePorts();
    const server = createServer().listen({ port: ports.distributor, host: '127.0.0.1' });
    await new Promise((resolve) => server.once('listening', resolve));
    try {
      const busy = (isSingle: boolean) => checkPorts(ports, withNeeds(['distributor']), isSingle);
      await expect(busy(false)).rejects.toMatchObject({
        code: 'STACK_PORT_BUSY',
        message: expect.stringMatching(/with --port-base$/) as string,
      });
      await expect(busy(true)).rejects.toMatchObject({ code: 'STACK_PORT_BUSY', message: expect.stringMatching(/with --port$/) as string });
      await expect(checkPorts(ports, withNeeds(['schema-registry']))).resolves.toBeUndefined();
    } finally {
      server.close();
    }
  });

  it('takes along what an app needs', () => {
    expect([...withNeeds(['schema-registry'])]).toEqual(['platform', 'broker-access', 'schema-registry']);
    expect(withNeeds(['agent-g01']).has('platform')).toBe(true);
    expect([...withNeeds(['platform'])]).toEqual(['platform']);
  });
});
