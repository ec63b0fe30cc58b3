import { createServer, connect } from 'node:net';
import { TrucError } from '@truc/kernel';

const LOOPBACK = '127.0.0.1';

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port));
    });
  });
}

/** A TCP port of 127.0.0.1 that nothing listens on at this moment; another process may take it before the caller does. */
export function freePort(): Promise<number> {
  return listenOnce(0);
}

/**
 * Makes sure that `name` will be able to listen on `port`.
 * @param setting how a person chooses another port, for the message: `--postgres-port`
 * @throws TrucError STACK_PORT_BUSY, STACK_PORT_REFUSED
 */
export async function checkPort(port: number, name: string, setting = 'another port'): Promise<void> {
  try {
    await listenOnce(port);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new TrucError(
        'STACK_PORT_BUSY',
        `port ${port}, where ${name} should listen, is taken by another process: stop that process (lsof -i :${port} shows it), or choose another port with ${setting}`,
        { retry: true, cause },
      );
    }
    throw new TrucError('STACK_PORT_REFUSED', `port ${port} cannot be opened for ${name} (${code}): choose another one with ${setting}`, {
      cause,
    });
  }
}

/** Whether something accepts connections on the port of 127.0.0.1. @param timeoutMs how long to wait for the answer */
export function answersOn(port: number, timeoutMs = 1_000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: LOOPBACK, timeout: timeoutMs });
    const finish = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => finish(true));
    socket.once('timeout', () => finish(false));
    socket.once('error', () => finish(false));
  });
}
