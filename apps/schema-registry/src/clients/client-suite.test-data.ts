import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signToken, type Principal } from '@truc/access';
import type { PolicyEntry } from '@truc/coordination';
import { openLogAdmin, type KafkaConnection } from '@truc/kafka';
import { httpAnswer, Secret } from '@truc/kernel';
import { RunningRegistry, type Database } from '../running-registry.test-data.js';
import type { Ability, ClientAnswer, ClientCredentials, ClientUnderTest, CredentialForm, Question } from './client-under-test.test-data.js';

/** What a test file brings along. */
export interface SuiteParts {
  readonly openDatabase: () => Promise<Database>;
  readonly kafka: () => KafkaConnection & { readonly prefix: string };
  /** An authority for the certificates of the registry and of clients. */
  readonly makeAuthority: () => Authority;
}

interface Authority {
  readonly certificate: string;
  issue(leaf: { readonly names: readonly string[] }): { readonly certificate: string; readonly key: string };
}

export interface ClientCase {
  /** With its version. */
  readonly name: string;
  readonly open: () => Promise<ClientUnderTest>;
  readonly forms: readonly CredentialForm[];
  /** Its own errors for a schema that is refused, and for a caller who is. */
  readonly errors: { readonly refused: object; readonly unknown: object };
  /** It spells letters outside of ASCII so that no registry can read them. */
  readonly misspells?: boolean;
  /** What it has no call for. */
  readonly cannot?: readonly Ability[];
}

const field = (name: string, type: unknown, more: object = {}) => ({ name, type, ...more });
const record = (name: string, ...fields: object[]): string => JSON.stringify({ type: 'record', name, namespace: 'vn.thu', fields });
const old = record('CuDan', field('ten', 'string'));
const young = record('CuDan', field('ten', 'string'), field('tuoi', 'int', { default: 7 }));
const unreadable = record('CuDan', field('ten', 'string'), field('tuoi', 'int'));
const address = record('DiaChi', field('tinh', 'string'));
const resident = record('CuDan', field('ten', 'string'), field('noi_o', 'vn.thu.DiaChi'));

const operator: Principal = { name: 'van.hanh', agency: null, role: 'administrator' };
const entries: PolicyEntry[] = [{ kind: 'principal', ...operator, sinceSeconds: 0 }];

/** What every client has to be able to do at this registry as at Confluent's, in each of the forms in which it says who it is. */
export function worksUnchanged(client: ClientCase, parts: SuiteParts): void {
  const can = (ability: Ability): boolean => client.cannot?.includes(ability) !== true;

  describe.each(client.forms)(`${client.name}, known by its %s`, (form) => {
    const registry = new RunningRegistry(parts.openDatabase);
    const directory = mkdtempSync(join(tmpdir(), 'truc-client-'));
    const authority = parts.makeAuthority();
    const stranger = parts.makeAuthority();
    const kafka = parts.kafka();
    const { prefix, ...connection } = kafka;
    const admin = openLogAdmin({ connection });
    const topics: string[] = [];
    let asked: ClientUnderTest;

    beforeAll(async () => {
      asked = await client.open();
    }, 120_000);
    beforeEach(async () => {
      const { certificate, key } = authority.issue({ names: ['127.0.0.1', 'localhost'] });
      const [own, ownKey, ca] = [certificate, key, authority.certificate].map((text) => new Secret(text));
      const isTls = form === 'certificate';
      await registry.start(false, entries, isTls ? { certificate: own!, key: ownKey!, clientCa: ca!, clientCertificate: 'asked' } : null);
      await connect(await credentials(authority));
    });
    afterAll(async () => {
      await asked.close();
      await admin.deleteTopics(topics);
      await admin.close();
      rmSync(directory, { recursive: true, force: true });
    }, 60_000);

    const ask = (question: Question): Promise<ClientAnswer> => asked.ask(question);
    const connect = (who: ClientCredentials): Promise<ClientAnswer> =>
      ask({
        do: 'connect',
        url: registry.url,
        caFile: form === 'certificate' ? file('ca', authority.certificate) : null,
        credentials: who,
      });
    const file = (name: string, text: string): string => {
      const path = join(directory, `${name}.pem`);
      writeFileSync(path, text, { mode: 0o600 });
      return path;
    };
    /** @param from who signs, where it is a certificate */
    const credentials = async (from: Authority): Promise<ClientCredentials> => {
      if (form === 'certificate') {
        const { certificate, key } = from.issue({ names: [operator.name] });
        return { form, certificateFile: file('client', certificate), keyFile: file('client-key', key) };
      }
      const token = await signToken(registry.key.privateJwk, operator, { expiresInSeconds: 600 });
      return form === 'basic' ? { form, user: operator.name, password: token } : { form, token };
    };
    const spoilt = async (): Promise<ClientCredentials> => {
      const good = await credentials(stranger);
      switch (good.form) {
        case 'basic':
          return { ...good, user: 'ai.do' };
        case 'bearer':
          return { ...good, token: `${good.token}x` };
        case 'certificate':
          return good;
      }
    };
    const topic = async (name: string): Promise<string> => {
      const made = `${prefix}.${form}.${name}`;
      topics.push(made);
      await admin.ensureTopics([{ name: made, partitions: 1, config: {} }]);
      return made;
    };
    const told = async (question: Question): Promise<object> => {
      const error = (await ask(question).catch((thrown: unknown) => thrown)) as Error;
      expect(error).toBeInstanceOf(Error);
      return { ...error };
    };

    it('registers a schema, and reads it back by its id and as the latest', async () => {
      const { id } = await ask({ do: 'register', subject: 'thu-value', schema: old });
      const next = await ask({ do: 'register', subject: 'thu-value', schema: young });
      expect([id, next.id]).toEqual([1, 2]);
      expect(JSON.parse((await ask({ do: 'byId', id })).schema)).toMatchObject({
        name: expect.stringMatching(/CuDan$/),
        fields: [{ name: 'ten' }],
      });
      const latest = await ask({ do: 'latest', subject: 'thu-value' });
      expect(latest.id).toBe(2);
      if (latest.version !== undefined) expect(latest).toEqual({ id: 2, version: 2, schema: young });
    });

    it('registers a known schema again under its id', async () => {
      await ask({ do: 'register', subject: 'thu-value', schema: old });
      expect(await ask({ do: 'register', subject: 'khac-value', schema: old })).toEqual({ id: 1 });
    });

    if (can('lookUp')) {
      it('finds the id of a schema that is registered, and none of another', async () => {
        await ask({ do: 'register', subject: 'thu-value', schema: old });
        expect(await ask({ do: 'lookUp', subject: 'thu-value', schema: old })).toEqual({ id: 1 });
        await expect(ask({ do: 'lookUp', subject: 'thu-value', schema: young })).rejects.toThrow(/Schema not found/);
      });
    }

    it('reads what was written with an older schema by a newer one, over a topic', async () => {
      const name = await topic('tien-hoa');
      const sent = { ten: 'Nguyễn Thị Lan' };
      const { value, frame } = await ask({ do: 'roundTrip', kafka: brokers(), topic: name, writer: old, value: sent, reader: young });
      expect(value).toEqual({ ...sent, tuoi: 7 });
      expect(frame).toBe('0000000001');
      expect(await ask({ do: 'latest', subject: `${name}-value` })).toMatchObject({ id: 2 });
    });

    it('tells a schema that is refused as its own error', async () => {
      await ask({ do: 'register', subject: 'thu-value', schema: old });
      expect(await told({ do: 'register', subject: 'thu-value', schema: unreadable })).toEqual(
        expect.objectContaining(client.errors.refused),
      );
      expect(await ask({ do: 'latest', subject: 'thu-value' })).toMatchObject({ id: 1 });
    });

    if (can('check')) {
      it('checks whether a schema is compatible', async () => {
        await ask({ do: 'register', subject: 'thu-value', schema: old });
        expect(await ask({ do: 'check', subject: 'thu-value', schema: young })).toEqual({ compatible: true });
        expect(await ask({ do: 'check', subject: 'thu-value', schema: unreadable })).toEqual({ compatible: false });
      });
    }

    it.each([client.misspells ? 'dan cu/ho khau value' : 'dân cư/hộ khẩu value', 'a/b?c=d&e#f', '100% + 1;x'])(
      'names a subject %s',
      async (subject) => {
        const { id } = await ask({ do: 'register', subject, schema: old });
        expect(await ask({ do: 'latest', subject })).toMatchObject({ id });
        expect(await subjects()).toEqual([subject]);
      },
    );

    it('registers a schema that refers to another, and reads by it what it wrote', async () => {
      await ask({ do: 'register', subject: 'vn.thu.DiaChi', schema: address });
      const references = [{ name: 'vn.thu.DiaChi', subject: 'vn.thu.DiaChi', version: 1 }];
      const sent = { ten: 'Trần Văn An', noi_o: { tinh: 'Hà Nội' } };
      const name = await topic('tham-chieu');
      const { value } = await ask({
        do: 'roundTrip',
        kafka: brokers(),
        topic: name,
        writer: resident,
        references,
        value: sent,
        reader: null,
      });
      expect(value).toEqual(sent);
    });

    if (can('delete')) {
      it('deletes a subject, softly and then for good', async () => {
        await ask({ do: 'register', subject: 'thu-value', schema: old });
        await ask({ do: 'register', subject: 'thu-value', schema: young });
        expect(await ask({ do: 'delete', subject: 'thu-value' })).toEqual({
          versions: [
            [1, 2],
            [1, 2],
          ],
        });
        await expect(ask({ do: 'latest', subject: 'thu-value' })).rejects.toThrow(/not found/);
      });
    }

    it('is told that nobody is known by what it says of itself', async () => {
      await connect(await spoilt());
      expect(await told({ do: 'register', subject: 'thu-value', schema: old })).toEqual(expect.objectContaining(client.errors.unknown));
    });

    const brokers = () => {
      const { brokers: addresses, username, password, mechanism } = connection;
      return { brokers: addresses, username, password, mechanism };
    };
    /** All of them, by no client. */
    const subjects = async (): Promise<unknown> => {
      const token = await signToken(registry.key.privateJwk, operator, { expiresInSeconds: 60 });
      const { text } = await httpAnswer(`${registry.url}/subjects`, {
        method: 'GET',
        headers: { authorization: `Bearer ${token}` },
        caFile: form === 'certificate' ? file('ca', authority.certificate) : undefined,
        signal: AbortSignal.timeout(30_000),
        answerBytesMax: 10_000,
      });
      return JSON.parse(text);
    };
  });
}
