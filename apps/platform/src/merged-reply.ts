import type { AgentReply } from '@truc/coordination';

/** What one database's agent answered; null where nobody did. */
export interface DatabaseAnswer {
  /** `source/population` */
  readonly database: string;
  readonly reply: AgentReply | null;
}

/** One reply of the answers for several databases, which may come from several nodes. It is ok when all of them are. */
export function mergedReply(id: string, answers: readonly DatabaseAnswer[]): AgentReply {
  const silent = answers.flatMap(({ database, reply }) => (reply === null ? [database] : []));
  const replies = answers.flatMap(({ reply }) => (reply === null ? [] : [reply]));
  const unanswered = { kind: 'unanswered', reason: 'no agent that acts for it answered in time' };
  const messages = [
    ...new Set(replies.map(({ message }) => message)),
    ...(silent.length > 0 ? [`nobody answered for ${silent.join(', ')}`] : []),
  ];
  return {
    id,
    ok: silent.length === 0 && replies.every(({ ok }) => ok),
    message: messages.join('; ').slice(0, 2000),
    detail: Object.assign(Object.fromEntries(silent.map((database) => [database, unanswered])), ...replies.map(({ detail }) => detail)),
  };
}
