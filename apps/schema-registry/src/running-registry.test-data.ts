import { generateTokenKey, type TokenKeyPair } from '@truc/access';
import type { PolicyEntry } from '@truc/coordination';
import { RegistryStore } from '@truc/registry-store';
import { createLogger, Telemetry } from '@truc/telemetry';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { PassThrough } from 'node:stream';
import { GivenPolicy, wholePolicy } from './given-policy.test-data.js';
import { KnownSchemas } from './known-schemas.js';
import type { ListenerTls } from './listener-tls.js';
import { contentType, createRegistryApp } from './registry-app.js';
import { RegistryPolicy } from './registry-policy.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers are judged by what they hold
export type Json = any;
export interface Answer {
  readonly status: number;
  readonly body: Json;
  readonly headers: Headers;
}

/** The part of a test database that is needed here. */
export interface Database {
  readonly url: string;
  query(sql: string): Promise<unknown>;
  drop(): Promise<void>;
}

/** The registry's HTTP side on a real database, which is empty before each test; {@link start} it in the test or before each. */
export class RunningRegistry {
  readonly #telemetry = new Telemetry({ service: 'schema-registry', otlpEndpoint: null });
  readonly #log = new PassThrough();
  source = new GivenPolicy();
  app!: NestExpressApplication;
  url = '';
  key!: TokenKeyPair;
  database!: Database;
  #store!: RegistryStore;

  /** Registers what is to be done before and after the tests of a file. */
  constructor(openDatabase: () => Promise<Database>) {
    beforeAll(async () => {
      this.database = await openDatabase();
      this.key = await generateTokenKey();
    });
    afterAll(() => this.database.drop());
    beforeEach(async () => {
      await this.database.query('DROP SCHEMA IF EXISTS registry CASCADE');
      this.#store = await RegistryStore.open({ url: this.database.url });
    });
    afterEach(async () => {
      await this.app.close();
      await this.#store.close();
    });
  }

  /** @param isOpen everybody is the administrator */
  async start(isOpen: boolean, entries: readonly PolicyEntry[] = wholePolicy, tls: ListenerTls | null = null): Promise<void> {
    this.source = new GivenPolicy();
    const log = createLogger('schema-registry', { level: 'trace', destination: this.#log });
    const policy = new RegistryPolicy(this.source, [this.key.publicJwk], log);
    this.app = await createRegistryApp({ store: this.#store, policy, telemetry: this.#telemetry, log, isOpen, tls });
    await this.app.listen(0, '127.0.0.1');
    this.url = await this.app.getUrl();
    this.source.arrive(entries);
  }

  /** Whether a schema is known by heart at this moment. */
  isKnown(id: number): boolean {
    return this.app.get(KnownSchemas).known(id) !== undefined;
  }

  /** What was logged since this was asked last. */
  logged(): string {
    return String(this.#log.read() ?? '');
  }

  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { 'content-type': contentType, ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    let parsed: Json = text;
    try {
      parsed = JSON.parse(text);
    } catch {
      // Some answers are plain text.
    }
    return { status: response.status, body: parsed, headers: response.headers };
  }

  register(subject: string, schema: string, headers?: Record<string, string>): Promise<Answer> {
    return this.call('POST', `/subjects/${encodeURIComponent(subject)}/versions`, { schema }, headers);
  }
}

/** A schema with the text field `a`, and more. */
export function simple(name: string, ...more: object[]): string {
  return JSON.stringify({ type: 'record', name, fields: [{ name: 'a', type: 'string' }, ...more] });
}
