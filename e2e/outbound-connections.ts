import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** States of /proc/net/tcp in which a connection was made or is being made; 0A is listening. */
const outbound = new Set(['01', '02', '04', '05', '08']);

/** Ports of 127.0.0.1 that a process is connected to, and that did not connect to it (Linux). @param listeningOn its own port */
export function connectedPorts(pid: number, listeningOn: number): number[] {
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        // Closed meanwhile.
        return [];
      }
    }),
  );
  const lines = ['tcp', 'tcp6'].flatMap((table) => readFileSync(`/proc/${pid}/net/${table}`, 'utf8').split('\n').slice(1));
  const ports = lines.flatMap((line) => {
    const [, local = '', remote = '', state = '', , , , , , inode = ''] = line.trim().split(/\s+/);
    if (!outbound.has(state) || !sockets.has(inode) || portOf(local) === listeningOn) return [];
    return [portOf(remote)];
  });
  return [...new Set(ports)].toSorted((a, b) => a - b);
}

function portOf(address: string): number {
  return Number.parseInt(address.slice(address.lastIndexOf(':') + 1), 16);
}
