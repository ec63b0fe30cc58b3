import { describeGroupsV5, leaveGroupV5 } from '@platformatic/kafka';
import { eventually, testKafka } from '@truc/testing';
import { BrokerConnections } from './broker-connections.js';
import { GroupLease } from './group-lease.js';
import { GroupMember } from './group-membership.js';

describe('a lease that the brokers give out', () => {
  const { prefix, ...connection } = testKafka();
  const open: GroupLease[] = [];
  let number = 0;
  let group = '';

  function lease(holder: string): { lease: GroupLease; changes: boolean[] } {
    const opened = new GroupLease({ connection, group, holder, heartbeatMs: 200 });
    open.push(opened);
    const changes: boolean[] = [];
    opened.onChange(() => changes.push(opened.isHeld));
    return { lease: opened, changes };
  }

  beforeEach(() => {
    number += 1;
    group = `${prefix}.lease${number}`;
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.close()));
  });

  it('is the first one’s, whoever else comes, until that one leaves; then it is one other’s', async () => {
    const first = lease('host a, pid 1');
    expect(await first.lease.standBy()).toBeNull();
    const others = [lease('host b, pid 2'), lease('host c, pid 3')];
    for (const { lease: other } of others) expect(await other.standBy()).toBe('another process runs this (host a, pid 1); standing by');
    expect(await first.lease.standBy()).toBeNull();
    expect(first.changes).toEqual([true]);

    await first.lease.close();
    await eventually(() => expect(others.filter(({ lease: other }) => other.isHeld)).toHaveLength(1));
    const heir = others.findIndex(({ lease: other }) => other.isHeld);
    expect(await others[1 - heir]?.lease.standBy()).toBe(
      `another process runs this (host ${heir === 0 ? 'b, pid 2' : 'c, pid 3'}); standing by`,
    );
    expect(await first.lease.standBy()).toBe('this process is ending');
  });

  it('goes to another when its holder is not heard of, and the former one learns it when it goes on', async () => {
    const connections = new BrokerConnections(connection);
    const stopped = new GroupMember({ group, description: 'stopped', sessionMs: 6_000 }, connections);
    try {
      expect(await stopped.join()).toEqual({ isLeader: true, leader: 'stopped' });
      const second = lease('second');
      await eventually(() => expect(second.lease.isHeld).toBe(true), { timeoutMs: 30_000 });
      await expect(stopped.isSettled()).rejects.toMatchObject({ code: 'LOG_GROUP_UNSETTLED' });
      expect(await stopped.join()).toEqual({ isLeader: false, leader: 'second' });
      expect(second.changes).toEqual([true]);
      await stopped.leave();
    } finally {
      await connections.close();
    }
  });

  it('is had back unnoticed by a holder that was missed while nobody else wanted it', async () => {
    const only = lease('only');
    expect(await only.lease.standBy()).toBeNull();
    // As if the coordinator had missed it: somebody leaves in its name.
    const connections = new BrokerConnections(connection);
    const broker = await connections.any();
    const { groups } = await describeGroupsV5.api.async(broker, [group], false);
    const members = groups.flatMap((found) => found.members.map(({ memberId }) => ({ memberId })));
    expect(members).toHaveLength(1);
    await leaveGroupV5.api.async(broker, group, members);
    await connections.close();
    await eventually(async () => expect(await only.lease.standBy()).toBeNull());
    expect(only.changes).toEqual([true]);
  });

  it('says what is missing where the brokers refuse or cannot be reached', async () => {
    const refused = new GroupLease({ connection: { ...connection, password: 'wrong' }, group, holder: 'x' });
    open.push(refused);
    expect(await refused.standBy()).toMatch(/cannot be asked at the moment: Kafka at .* does not accept user/);
    const away = new GroupLease({ connection: { ...connection, brokers: ['127.0.0.1:1'] }, group, holder: 'x' });
    open.push(away);
    expect(await away.standBy()).toMatch(/cannot be asked at the moment: Kafka at 127.0.0.1:1 cannot be reached/);
    expect([refused.isHeld, away.isHeld]).toEqual([false, false]);
  });
});
