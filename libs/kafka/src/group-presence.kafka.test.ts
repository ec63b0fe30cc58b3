import { eventually, testKafka } from '@truc/testing';
import { GroupLease } from './group-lease.js';
import { GroupPresence } from './group-presence.js';

describe('whether a group has members', () => {
  const { prefix, ...connection } = testKafka();

  it('is told of a lease by whether anybody holds it or stands by, and of a group that never was', async () => {
    const presence = new GroupPresence(connection);
    const group = `${prefix}.lease`;
    // A broker that has just started has no coordinator yet, and says so.
    await eventually(async () => expect(await presence.hasMembers(group)).toBe(false));
    const lease = new GroupLease({ connection, group, holder: 'a, pid 1' });
    await eventually(() => expect(lease.isHeld).toBe(true));
    expect(await presence.hasMembers(group)).toBe(true);
    await lease.close();
    await eventually(async () => expect(await presence.hasMembers(group)).toBe(false));
    await presence.close();
  });

  it('is not told to everybody', async () => {
    const presence = new GroupPresence({ ...connection, password: 'wrong' });
    await expect(presence.hasMembers(prefix)).rejects.toMatchObject({ code: 'LOG_AUTHENTICATION_FAILED' });
    await presence.close();
  });
});
