import type { AgentReply } from '@truc/coordination';
import { mergedReply } from './merged-reply.js';

const id = '0190a0a0-0000-4000-8000-000000000000';
const reply = (message: string, detail: object, ok = true): AgentReply => ({ id, ok, message, detail: { ...detail } });

describe('one reply for several databases', () => {
  it('has the flows of all of them, and says once what all of them say', () => {
    const answers = [
      { database: 'source/a', reply: reply('status', { 'source/a': { kind: 'running' } }) },
      { database: 'target/b', reply: reply('status', { 'receipts/b': { kind: 'running' } }) },
    ];
    const detail = { 'source/a': { kind: 'running' }, 'receipts/b': { kind: 'running' } };
    expect(mergedReply(id, answers)).toEqual({ id, ok: true, message: 'status', detail });
  });

  it('is not ok where one of them is not, or nobody answered, and names it', () => {
    const done = { database: 'source/a', reply: reply('resumed: source/a', {}) };
    expect(mergedReply(id, [done, { database: 'source/b', reply: reply('no', {}, false) }])).toMatchObject({
      ok: false,
      message: 'resumed: source/a; no',
    });
    expect(mergedReply(id, [done, { database: 'target/c', reply: null }])).toEqual({
      id,
      ok: false,
      message: 'resumed: source/a; nobody answered for target/c',
      detail: { 'target/c': { kind: 'unanswered', reason: 'no agent that acts for it answered in time' } },
    });
  });
});
