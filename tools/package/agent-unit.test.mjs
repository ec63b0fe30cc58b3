import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const unit = readFileSync(join(root, 'deploy/agent/truc-agent.service'), 'utf8');
const settings = new Map([...unit.matchAll(/^([A-Za-z]+)=(.*)$/gm)].map(([, name, value]) => [name, value]));

describe('the systemd unit', () => {
  const directory = mkdtempSync(join(tmpdir(), 'truc-unit-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  it('runs as nobody in particular, comes back, and is bounded in memory', () => {
    expect(settings.get('User')).toBe('truc-agent');
    expect(settings.get('Restart')).toBe('always');
    expect(settings.get('MemoryMax')).toMatch(/^\d+M$/);
    const heap = Number(/--max-old-space-size=(\d+)/.exec(settings.get('ExecStart'))[1]);
    expect(heap).toBeLessThan(Number.parseInt(settings.get('MemoryHigh'), 10));
    for (const name of ['NoNewPrivileges', 'ProtectHome', 'PrivateTmp', 'PrivateDevices']) expect(settings.get(name)).toBe('yes');
    expect([settings.get('ProtectSystem'), settings.get('CapabilityBoundingSet')]).toEqual(['strict', '']);
  });

  it('names the places of the install text, in both languages', () => {
    const [, ...words] = settings.get('ExecStart').split(' ');
    for (const text of ['INSTALL.md', 'CAI-DAT.md'].map((name) => readFileSync(join(root, 'deploy/agent', name), 'utf8'))) {
      expect(text).toContain(settings.get('ExecStart').split(' ')[0]);
      expect(text).toContain(words.at(-1));
      expect(text).toContain(`useradd --system`);
    }
    // What is to be typed is the same in both.
    const commands = (name) =>
      [...readFileSync(join(root, 'deploy/agent', name), 'utf8').matchAll(/```(?:sh|ini)\n([\s\S]*?)```/g)].map(([, code]) =>
        code.replaceAll(/NEW|MOI/g, 'N'),
      );
    expect(commands('CAI-DAT.md')).toEqual(commands('INSTALL.md'));
  });

  it('is what systemd takes', () => {
    if (!existsSync('/usr/bin/systemd-analyze')) {
      // Where there is no systemd the sections are all that can be looked at.
      expect([...unit.matchAll(/^\[(.*)\]$/gm)].map(([, name]) => name)).toEqual(['Unit', 'Service', 'Install']);
      return;
    }
    const file = join(directory, 'truc-agent.service');
    // The archive is not unpacked here; another program stands for its Node.
    writeFileSync(file, unit.replace('/opt/truc-agent/bin/node', '/bin/true'));
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' });
    expect([stderr, status]).toEqual(['', 0]);
    const security = spawnSync('systemd-analyze', ['security', '--offline=yes', '--no-pager', file], { encoding: 'utf8' });
    const exposure = Number(/exposure level for .*: ([\d.]+)/.exec(security.stdout)?.[1]);
    expect(exposure).toBeLessThan(2);
  });

  it('comes with an example that the agent takes', async () => {
    const { agentConfiguration } = await import('../../apps/agent-node/dist/configuration.js');
    const example = JSON.parse(readFileSync(join(root, 'deploy/agent/agent-node.json'), 'utf8'));
    const withSecrets = JSON.parse(JSON.stringify(example), (_, value) => {
      if (!value?.file?.startsWith('secrets/')) return value;
      return value.file.endsWith('.url') ? 'postgres://agent:secret@db.agency/population' : 'secret';
    });
    expect(agentConfiguration.safeParse(withSecrets)).toMatchObject({ success: true });
    const [seat] = example.seats;
    expect(seat.kafka.brokers).toHaveLength(1);
    expect(new URL(seat.registry.url).pathname).toBe('/registry');
  });
});
