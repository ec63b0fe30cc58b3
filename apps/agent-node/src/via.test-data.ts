import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { PolicyEntry } from '@truc/coordination';
import type { KafkaConnection } from '@truc/kafka';
import { elementUrn } from './applied-policy.test-data.js';

const title = '{vi: a, en: a}';

/** Addresses, whose code lies in a table of persons that is not published, and beside them a dataset that has its own. */
export const viaDocuments = `agency: {code: G01, name: ${title}}
---
dataset: {name: population.address, agency: G01, title: ${title}}
---
dataset: {name: population.note, agency: G01, title: ${title}}
---
source: {agency: G01, database: population, schema: dancu, name: ${title}}
tables:
  - table: dancu.noi_o
    subject: address
    publish: true
    primaryKey: [id]
    identification: {column: nguoi_id, element: ${elementUrn('person.personal-id')}, via: dancu.nguoi(id).ma, transform: {op: lpad, length: 12, fill: '0'}}
    columns:
      - {column: dia_chi, element: ${elementUrn('address.detail')}}
  - table: dancu.ghi_chu
    subject: note
    publish: true
    primaryKey: [id]
    identification: {column: ma, element: ${elementUrn('person.personal-id')}}
    columns:
      - {column: dia_chi, element: ${elementUrn('address.detail')}}
`;

/** Codes lost their zeros; nothing keeps a row from pointing to nobody. */
export const viaTables = `CREATE SCHEMA dancu;
  CREATE TABLE dancu.nguoi (id bigint PRIMARY KEY, ma bigint, ten text);
  CREATE TABLE dancu.noi_o (id text PRIMARY KEY, nguoi_id bigint, dia_chi text);
  CREATE INDEX ON dancu.noi_o (nguoi_id);
  ALTER TABLE dancu.noi_o REPLICA IDENTITY FULL;
  CREATE TABLE dancu.ghi_chu (id text PRIMARY KEY, ma text NOT NULL, dia_chi text);
  CREATE UNIQUE INDEX ghi_chu_truc ON dancu.ghi_chu (id, ma);
  ALTER TABLE dancu.ghi_chu REPLICA IDENTITY USING INDEX ghi_chu_truc`;

export interface CaptureProcessOptions {
  readonly entries: readonly PolicyEntry[];
  readonly agency: string;
  /** Whose state topic is used. */
  readonly stateAgency: string;
  readonly connection: KafkaConnection;
  readonly database: { readonly url: string; readonly slot: string; readonly publication: string };
  readonly dataDirectory: string;
  /** Ids by schema. */
  readonly schemaIds: readonly (readonly [string, number])[];
}

/** A capture in a process of its own, to be killed. It reads what it is told from a file in `directory`. */
export async function startCaptureProcess(directory: string, options: CaptureProcessOptions): Promise<{ kill: () => Promise<void> }> {
  const told = join(directory, 'capture.json');
  writeFileSync(told, JSON.stringify(options));
  const module = (name: string) => JSON.stringify(pathToFileURL(join(import.meta.dirname, '../dist', name)).href);
  const script = `
    import { readFileSync } from 'node:fs';
    import { createLogger, Telemetry } from '@truc/telemetry';
    import { capturePlan, runCapture } from ${module('capture-plan.js')};
    const { entries, agency, stateAgency, schemaIds, ...options } = JSON.parse(readFileSync(${JSON.stringify(told)}, 'utf8'));
    const found = capturePlan(entries, agency, 'population');
    const plan = { ...found, source: { ...found.source, agency: stateAgency } };
    const ids = new Map(schemaIds);
    const schemas = { idOf: async (_, schema) => ids.get(schema) ?? null, schemaById: async () => null, hasVersion: async () => true };
    const telemetry = new Telemetry({ service: 'test', otlpEndpoint: null });
    process.stdout.write('begun');
    await runCapture(plan, { ...options, schemas, telemetry, log: createLogger('test', { level: 'silent' }) }, new AbortController().signal);
  `;
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  child.stderr?.on('data', (text: Buffer) => said.push(text.toString()));
  await Promise.race([
    once(child.stdout!, 'data'),
    once(child, 'exit').then(() => Promise.reject(new Error(`the capture's process ended: ${said.join('')}`))),
  ]);
  return {
    kill: async () => {
      if (child.exitCode !== null) throw new Error(`the capture's process ended by itself: ${said.join('')}`);
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
