import { brokerAccessAcls } from '@truc/access';
import { openLogWriter, type BrokerAcl, type KafkaConnection } from '@truc/kafka';
import { startKafka } from '@truc/local-stack';
import { eventually, testPostgres } from '@truc/testing';
import { documents, RunningPlatform, dictionary, title } from './running-platform.test-data.js';

describe('principals of the platform', () => {
  const backbone = new RunningPlatform({ startKafka, testPostgres });
  const { acls, call, keepAccess, policyOf } = backbone;

  beforeAll(async () => {
    expect((await call('POST', '/v1/apply', { files: [...dictionary, ...documents] })).status).toBe(200);
  }, 60_000);

  it('makes a principal who can do at the brokers what its role may, and nothing else, until it is deleted', async () => {
    const made = await call('POST', '/v1/principals', { name: 'agent.g12-34', role: 'agent', agency: 'G12.34' });
    expect(made).toMatchObject({ status: 201, body: { kafka: { username: 'agent.g12-34' } } });
    expect((await call('POST', '/v1/principals', { name: 'agent.g12-34', role: 'agent', agency: 'G12.34' })).status).toBe(409);
    const agent: KafkaConnection = { ...backbone.superUser, ...made.body.kafka };
    // What it may do at the brokers is another service's business.
    expect((await acls()).filter(({ principal }) => principal === 'User:agent.g12-34')).toEqual([]);
    await keepAccess();
    // What concerns it, and the view of its contract.
    const own = await policyOf('policy.g12-34', agent);
    const view = own.find((entry) => entry.kind === 'view');
    if (view?.kind !== 'view') throw new Error('the agency has no view');
    expect(await policyOf(view.topic, agent)).toEqual([]);
    expect(await policyOf('policy.principals')).toMatchObject([
      { kind: 'principal', name: 'agent.g12-34', agency: 'G12.34', role: 'agent' },
    ]);
    for (const topic of ['policy.g01', 'policy.g12', 'policy.principals', 'data.g01.population.resident.v1', 'state.g01']) {
      await expect(policyOf(topic, agent)).rejects.toMatchObject({ code: expect.stringMatching(/LOG_(NOT_AUTHORIZED|TOPIC_UNKNOWN)/) });
    }
    const open = (transactionalId: string, topic: string) =>
      openLogWriter({ connection: agent, transactionalId, partitions: [{ topic, partition: 0 }] });
    await (await open('agent.g12-34.tax', 'state.g12-34')).close();
    await expect(open('agent.g12-34.tax', view.topic)).rejects.toMatchObject({ code: 'LOG_NOT_AUTHORIZED' });
    await expect(open('platform.policy', 'state.g12-34')).rejects.toMatchObject({ code: 'LOG_NOT_AUTHORIZED' });

    const as = made.body.token as string;
    expect((await call('POST', '/v1/apply', { files: documents }, as)).status).toBe(403);
    expect((await call('GET', '/v1/documents/source/G01/population', undefined, as)).status).toBe(403);
    expect((await call('GET', '/v1/documents/contract/tax', undefined, as)).status).toBe(200);
    expect((await call('POST', '/v1/principals', { name: 'x', role: 'administrator' }, as)).status).toBe(403);
    const seen = (await call('GET', '/v1/policy', undefined, as)).body.entries.map(({ key }: { key: string }) => key.split('/')[0]);
    expect(seen).toContain('contract');
    expect(seen).not.toContain('source');

    expect((await call('DELETE', '/v1/principals/agent.g12-34')).status).toBe(204);
    await expect(policyOf('policy.g12-34', agent)).rejects.toMatchObject({ code: 'LOG_AUTHENTICATION_FAILED' });
    expect((await call('GET', '/v1/documents', undefined, as)).status).toBe(401);
    expect(await policyOf('policy.principals')).toEqual([]);
    await keepAccess();
    expect((await acls()).filter(({ principal }) => principal === 'User:agent.g12-34')).toEqual([]);
  }, 90_000);

  it('gives the service that keeps permissions its own, and nobody else any', async () => {
    const own = (all: readonly BrokerAcl[]) => all.filter(({ principal }) => principal === 'User:broker-access').length;
    const others = (all: readonly BrokerAcl[]) => all.filter(({ principal }) => principal !== 'User:broker-access');
    const before = await acls();
    expect(own(before)).toBe(0);
    const made = await call('POST', '/v1/principals', { name: 'broker-access', role: 'broker-access' });
    expect(made).toMatchObject({ status: 201, body: { kafka: { username: 'broker-access' } } });
    await eventually(async () => expect(own(await acls())).toBe(brokerAccessAcls().length));
    expect(others(await acls())).toEqual(before);
    // Its business is at the brokers alone.
    expect((await call('GET', '/v1/policy', undefined, made.body.token as string)).status).toBe(403);
    expect((await call('DELETE', '/v1/principals/broker-access')).status).toBe(204);
    await eventually(async () => expect(own(await acls())).toBe(0));
  }, 60_000);

  it('does not take the token of a predecessor for that of a principal who was made again', async () => {
    const body = { name: 'lan.tran', role: 'integrator', agency: 'G01' };
    const status = async (as: string) => (await call('GET', '/v1/documents', undefined, as)).status;
    const before = (await call('POST', '/v1/principals', body)).body.token as string;
    expect(await status(before)).toBe(200);
    expect((await call('DELETE', '/v1/principals/lan.tran')).status).toBe(204);
    // Tokens are dated in whole seconds.
    await eventually(async () => {
      const after = (await call('POST', '/v1/principals', body)).body.token as string;
      expect(await status(after)).toBe(200);
      const old = await status(before);
      expect((await call('DELETE', '/v1/principals/lan.tran')).status).toBe(204);
      expect(old).toBe(401);
    });
  }, 60_000);

  it.each<[string, object]>([
    ['an agent under a free name', { name: 'g01-agent', role: 'agent', agency: 'G01' }],
    ['somebody under the name of a service', { name: 'distributor', role: 'reader' }],
    ['somebody under the name of an agent', { name: 'agent.g01', role: 'integrator', agency: 'G01' }],
    ['an agent of an agency that is not there', { name: 'agent.g77', role: 'agent', agency: 'G77' }],
    ['a role that is none', { name: 'x', role: 'king' }],
  ])('does not make %s', async (_, body) => {
    expect((await call('POST', '/v1/principals', body)).status).toBe(400);
  });

  it("lets an integrator apply what is its agency's, and nothing else", async () => {
    const { body } = await call('POST', '/v1/principals', { name: 'an.g01', role: 'integrator', agency: 'G01' });
    expect(body.kafka).toBeNull();
    const dataset = (agency: string) => ({
      files: [{ path: 'd.yaml', text: `dataset: {name: ${agency.toLowerCase()}.x, agency: ${agency}, title: ${title}}` }],
      dryRun: true,
    });
    expect((await call('POST', '/v1/apply', dataset('G01'), body.token)).status).toBe(200);
    expect((await call('POST', '/v1/apply', dataset('G12'), body.token)).status).toBe(403);
    // A dataset of another agency is not taken over by naming it as one's own.
    await call('POST', '/v1/apply', { ...dataset('G12'), dryRun: false });
    const claim = { files: [{ path: 'd.yaml', text: `dataset: {name: g12.x, agency: G01, title: ${title}}` }] };
    expect((await call('POST', '/v1/apply', claim, body.token)).status).toBe(403);
    const contract = documents[2]!.text
      .replace('name: tax', 'name: other')
      .replace('table: resident', 'table: other')
      .replace('G12.34', 'G01');
    expect((await call('POST', '/v1/apply', { files: [{ path: 'c.yaml', text: contract }] }, body.token)).status).toBe(403);
  });
});
