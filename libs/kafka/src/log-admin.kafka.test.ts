import { reveal } from '@truc/kernel';
import { testKafka } from '@truc/testing';
import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, Kafka, logLevel, ResourcePatternTypes } from 'kafkajs';
import { aclText, type BrokerAcl } from './broker-acl.js';
import { openLogReader } from './log-reader.js';
import { ScratchLog } from './scratch-log.js';
import { compactedTopic, retainedTopic, stateTopic } from './topic-preset.js';

const log = new ScratchLog(testKafka());
const { admin, prefix } = log;
afterAll(() => log.close());

async function eventually<T>(read: () => Promise<T>, isDone: (value: T) => boolean): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    const value = await read();
    if (isDone(value) || attempt === 100) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('log admin', () => {
  it('creates what is missing, changes configurations that differ, and then has nothing to do', async () => {
    const compacted = { name: `${prefix}.a`, partitions: 3, config: compactedTopic() };
    const retained = { name: `${prefix}.b`, partitions: 1, config: retainedTopic(7) };
    expect(await admin.ensureTopics([compacted])).toEqual({ created: [compacted.name], altered: [] });
    expect(await admin.ensureTopics([compacted, retained])).toEqual({ created: [retained.name], altered: [] });
    const shorter = { ...compacted, config: compactedTopic({ 'segment.ms': '60000' }) };
    expect(await admin.ensureTopics([shorter, retained])).toEqual({ created: [], altered: [compacted.name] });
    expect(
      await eventually(
        () => admin.ensureTopics([shorter, retained]),
        ({ altered }) => altered.length === 0,
      ),
    ).toEqual({ created: [], altered: [] });
    expect((await admin.listTopics()).filter((name) => name.startsWith(prefix))).toEqual([compacted.name, retained.name]);
    await admin.deleteTopics([compacted.name, retained.name, `${prefix}.never-there`]);
    expect((await admin.listTopics()).filter((name) => name.startsWith(prefix))).toEqual([]);
  });

  it('brings a topic that was made as one of data to what a topic of states is', async () => {
    const name = `${prefix}.state`;
    await admin.ensureTopics([{ name, partitions: 1, config: compactedTopic() }]);
    const wanted = { name, partitions: 1, config: stateTopic() };
    expect(await admin.ensureTopics([wanted])).toEqual({ created: [], altered: [name] });
    const { altered } = await eventually(
      () => admin.ensureTopics([wanted]),
      (answer) => answer.altered.length === 0,
    );
    expect(altered).toEqual([]);
    await admin.deleteTopics([name]);
  });

  it('refuses another number of partitions, and changes nothing then', async () => {
    const name = `${prefix}.c`;
    await admin.ensureTopics([{ name, partitions: 2, config: {} }]);
    await expect(
      admin.ensureTopics([
        { name: `${prefix}.d`, partitions: 1, config: {} },
        { name, partitions: 4, config: {} },
      ]),
    ).rejects.toMatchObject({ code: 'LOG_TOPIC_PARTITIONS_DIFFER', message: expect.stringMatching(/c has 2 partitions, 4/) });
    expect(await admin.listTopics()).not.toContain(`${prefix}.d`);
  });

  it('tells what is wrong with a configuration', async () => {
    await expect(admin.ensureTopics([{ name: `${prefix}.e`, partitions: 1, config: { 'segment.ms': 'soon' } }])).rejects.toMatchObject({
      code: 'LOG_ADMIN_FAILED',
      message: expect.stringContaining('segment.ms'),
    });
  });

  it('makes users who can log in, changes their password and removes them', async () => {
    const username = `${prefix}-user`;
    const canLogIn = async (password: string) => {
      const reader = openLogReader({ connection: { ...log.connection, username, password } });
      try {
        await reader.partitions('any');
        return true;
      } catch (error) {
        expect(error).toMatchObject({ code: 'LOG_AUTHENTICATION_FAILED' });
        return false;
      } finally {
        await reader.close();
      }
    };
    await admin.upsertScramUser(username, 'mật khẩu');
    expect(
      await eventually(
        () => canLogIn('mật khẩu'),
        (can) => can,
      ),
    ).toBe(true);
    await admin.upsertScramUser(username, 'second');
    expect(
      await eventually(
        () => canLogIn('second'),
        (can) => can,
      ),
    ).toBe(true);
    expect(await canLogIn('mật khẩu')).toBe(false);
    await admin.deleteScramUser(username);
    expect(
      await eventually(
        () => canLogIn('second'),
        (can) => !can,
      ),
    ).toBe(false);
    await admin.deleteScramUser(username);
  });

  it('grants, lists and withdraws, and what is there or gone already is no error', async () => {
    const mine = `User:${prefix}-mine`;
    const acl = (name: string, rest: Partial<BrokerAcl> = {}): BrokerAcl => ({
      principal: mine,
      resourceType: 'topic',
      patternType: 'literal',
      name: `${prefix}.${name}`,
      operation: 'read',
      ...rest,
    });
    const present = async () => (await admin.listAcls()).acls.filter(({ principal }) => principal === mine).map(aclText);
    const all = [
      acl('x'),
      acl('y', { patternType: 'prefixed', operation: 'write' }),
      acl('id', { resourceType: 'transactional-id', operation: 'write' }),
      acl('g', { resourceType: 'group' }),
      acl('', { resourceType: 'cluster', name: 'kafka-cluster', operation: 'alter' }),
    ];
    await admin.createAcls(all);
    await admin.createAcls(all.slice(0, 2));
    expect((await eventually(present, (acls) => acls.length === 5)).sort()).toEqual(all.map(aclText).sort());
    await admin.deleteAcls([...all, acl('never-there')]);
    expect(await eventually(present, (acls) => acls.length === 0)).toEqual([]);
  });

  it('lists what others made in other ways, and withdraws exactly that', async () => {
    const principal = `User:${prefix}-other`;
    const { brokers, username, password } = log.connection;
    const kafkajs = new Kafka({
      brokers: [...brokers],
      sasl: { mechanism: 'scram-sha-512', username, password: reveal(password) },
      logLevel: logLevel.NOTHING,
    });
    const byHand = kafkajs.admin();
    const entry = {
      resourceType: AclResourceTypes.TOPIC,
      resourceName: `${prefix}.x`,
      resourcePatternType: ResourcePatternTypes.LITERAL,
      principal,
      host: '10.0.0.5',
      operation: AclOperationTypes.READ,
      permissionType: AclPermissionTypes.ALLOW,
    };
    try {
      await byHand.connect();
      await byHand.createAcls({ acl: [entry, { ...entry, host: '*', permissionType: AclPermissionTypes.DENY }] });
    } finally {
      await byHand.disconnect();
    }
    const present = async () => (await admin.listAcls()).foreign.filter((one) => one.principal === principal);
    const listed = await eventually(present, (found) => found.length === 2);
    expect(listed.map(({ host, denies }) => [host, denies]).sort()).toEqual([
      ['*', true],
      ['10.0.0.5', false],
    ]);
    await admin.deleteAcls(listed.filter(({ denies }) => !denies));
    expect((await eventually(present, (found) => found.length === 1)).map(({ denies }) => denies)).toEqual([true]);
    await admin.deleteAcls(await present());
  });
});
