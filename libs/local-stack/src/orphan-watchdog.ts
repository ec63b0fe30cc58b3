import { spawn, type ChildProcess } from 'node:child_process';

/**
 * A shell of its own session that reads our pipe. When we end, in whatever way, SIGKILL included, the pipe closes and the shell ends every process that is still registered: first with the signal that it likes, after ten seconds with SIGKILL.
 * It ignores the terminal's signals: on Ctrl-C the order of stopping is ours.
 */
const script = `
trap '' INT HUP TERM QUIT
watched=''
while read -r action pid signal; do
  case $action in
    watch) watched="$watched $pid:$signal" ;;
    forget)
      kept=''
      for entry in $watched; do [ "\${entry%%:*}" = "$pid" ] || kept="$kept $entry"; done
      watched=$kept ;;
  esac
done
for entry in $watched; do kill -s "\${entry#*:}" "\${entry%%:*}" 2>/dev/null; done
left=100
while [ $left -gt 0 ]; do
  alive=''
  for entry in $watched; do kill -0 "\${entry%%:*}" 2>/dev/null && alive=1; done
  [ -z "$alive" ] && exit 0
  sleep 0.1
  left=$((left - 1))
done
for entry in $watched; do kill -s KILL -- "-\${entry%%:*}" 2>/dev/null || kill -s KILL "\${entry%%:*}" 2>/dev/null; done
`;

let shell: ChildProcess | null = null;

function tell(line: string): void {
  if (shell === null) {
    shell = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true, cwd: '/' });
    shell.once('exit', () => (shell = null));
    shell.once('error', () => (shell = null));
    shell.stdin?.on('error', () => undefined);
    shell.unref();
    (shell.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  }
  shell.stdin?.write(`${line}\n`);
}

/** From now on `pid` ends when we do. @param signal without its SIG: `TERM` */
export function endWithUs(pid: number, signal: string): void {
  tell(`watch ${pid} ${signal}`);
}

/** The process has ended; its id may soon be somebody else's. */
export function forgetOrphan(pid: number): void {
  tell(`forget ${pid}`);
}
