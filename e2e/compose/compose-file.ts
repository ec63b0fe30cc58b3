import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutRoot } from '@truc/local-stack';
import { parse } from 'yaml';
import { z } from 'zod';

const words = z.union([z.array(z.string()), z.string().transform((text) => [text])]).default([]);
const condition = z.enum(['service_started', 'service_healthy', 'service_completed_successfully']);

/** What we use of the compose specification; its own schema judges the whole. */
const service = z.looseObject({
  image: z.string(),
  user: z.string().optional(),
  entrypoint: words,
  command: words,
  environment: z.record(z.string(), z.string()).default({}),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  networks: z.array(z.string()).default([]),
  network_mode: z.string().optional(),
  profiles: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.strictObject({ condition })).default({}),
  healthcheck: z.looseObject({ disable: z.boolean().default(false) }).optional(),
  cap_drop: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  read_only: z.boolean().default(false),
  mem_limit: z.string().optional(),
});
export type ComposedService = z.infer<typeof service>;

const file = z.looseObject({
  services: z.record(z.string(), service),
  networks: z.record(z.string(), z.looseObject({ internal: z.boolean().default(false) })),
  volumes: z.record(z.string(), z.unknown()),
});
export type ComposeFile = z.infer<typeof file>;

export const composePath = join(checkoutRoot, 'docker-compose.yml');

/** docker-compose.yml with its merges made and its variables at their defaults. */
export function readCompose(text = readFileSync(composePath, 'utf8')): ComposeFile {
  return file.parse(interpolated(parse(text, { merge: true })));
}

/** After the YAML is read, as compose does it: a variable without a value is an empty text. */
function interpolated(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(/\$\{[A-Z_]+:-([^}]*)\}/g, (_, usual: string) => usual);
  if (Array.isArray(value)) return value.map(interpolated);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, interpolated(item)]));
}

/** Apps of ours, by the service that runs them: `agent-node` of `apps/agent-node/dist/main.js`. */
export function appOf({ command }: ComposedService): string | null {
  const program = command.find((word) => !word.startsWith('-')) ?? '';
  return /^apps\/([a-z-]+)\/dist\/main\.js$/.exec(program)?.[1] ?? null;
}

/** Every service after those that it waits for. */
export function startOrder({ services }: ComposeFile): string[] {
  const order: string[] = [];
  const visit = (name: string, path: readonly string[]): void => {
    if (path.includes(name)) throw new Error(`${[...path, name].join(' waits for ')}: nobody would start`);
    if (order.includes(name)) return;
    for (const needed of Object.keys(services[name]?.depends_on ?? {})) visit(needed, [...path, name]);
    order.push(name);
  };
  for (const name of Object.keys(services)) visit(name, []);
  return order;
}

/** Where in a container a volume or a file of the checkout is mounted: source and target. */
export function mountsOf({ volumes }: ComposedService): { readonly source: string; readonly target: string; readonly readOnly: boolean }[] {
  return volumes.map((volume) => {
    const [source = '', target = '', mode] = volume.split(':');
    return { source, target, readOnly: mode === 'ro' };
  });
}
