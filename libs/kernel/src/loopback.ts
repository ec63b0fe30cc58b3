import { isIPv4 } from 'node:net';
import { TrucError } from './truc-error.js';

/** True where what is sent to `host` does not leave this machine: its loopback addresses, and the path of a socket. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '').toLowerCase();
  return name === 'localhost' || name === '::1' || name.startsWith('/') || (isIPv4(name) && name.startsWith('127.'));
}

const told = new Set<string>();

/**
 * Plain text goes to this machine itself, and where somebody took it upon them to say that host and process are on one machine (a network of containers that leads nowhere):
 * that is told once for each host, wherever the process writes its warnings.
 * @param what the line carries, to follow "plain text to <host>": `Kafka`
 * @param cure how it is encrypted, as a sentence without its full stop
 * @throws TrucError `code`
 */
export function refusePlainText(
  { host, onOneMachine }: { readonly host: string; readonly onOneMachine: boolean },
  { code, what, cure }: { readonly code: string; readonly what: string; readonly cure: string },
): void {
  if (isLoopback(host)) return;
  if (!onOneMachine) {
    throw new TrucError(
      code,
      `plain text to ${what} at ${host} is refused: passwords and the data of persons could be read and changed on the line. ${cure}`,
    );
  }
  if (told.has(host)) return;
  told.add(host);
  process.emitWarning(
    `plain text to ${what} at ${host}, because the configuration says onOneMachine: whoever reads along on that line reads passwords and the data of persons`,
    { code: 'TRUC_PLAIN_TEXT' },
  );
}
