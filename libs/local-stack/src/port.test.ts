import { createServer, type Server } from 'node:net';
import { answersOn, checkPort, freePort } from './port.js';

function listen(port: number): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.end());
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

describe('a port', () => {
  it('is free until somebody listens, and then says what to do', async () => {
    const port = await freePort();
    await checkPort(port, 'Kafka');
    expect(await answersOn(port)).toBe(false);
    const server = await listen(port);
    try {
      expect(await answersOn(port)).toBe(true);
      const refusal = checkPort(port, 'Kafka', '--kafka-port');
      await expect(refusal).rejects.toMatchObject({ code: 'STACK_PORT_BUSY', retry: true });
      await expect(refusal).rejects.toThrow(new RegExp(`port ${port}.*Kafka.*--kafka-port`));
    } finally {
      server.close();
    }
  });
});
