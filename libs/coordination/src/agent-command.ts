import { z } from 'zod';

/**
 * What the platform asks of an agent over `command.<agency>`, and what the agent answers on `reply.<agency>` (Nest's Kafka transport: the pattern is the topic's
 * name, the record's key is the command id). It is for one database, and the node that acts for that one answers. A command may be lost or come twice with the same id; doing it again changes nothing.
 */
export const agentCommand = z
  .strictObject({
    id: z.uuid(),
    command: z.enum(['pause', 'resume', 'status', 'resolve', 'quarantine', 'retry']),
    /** Database of the source that is meant, null where a target is. */
    source: z.string().min(1).max(63).nullable(),
    /** Database of the target that is meant, null where a source is. */
    target: z.string().min(1).max(63).nullable().default(null),
    /**
     * Of `resolve`, which begins a new epoch of one source, or reads the table of one dataset anew: the gap that is meant, or what the dataset is stopped for, and why it is resolved. The dataset is
     * absent elsewhere: agents of before know no such part.
     */
    resolution: z
      .strictObject({
        gap: z.string().regex(/^[A-Z][A-Z_]{2,63}$/),
        reason: z.string().trim().min(1).max(500),
        dataset: z.string().min(1).max(200).optional(),
      })
      .nullable()
      .default(null),
    /**
     * Of `quarantine`, which tells what is held of a dataset, or of the row of one entry, and never a value; and of `retry`, which reads the rows again at the source: that of one
     * entry, those held by a rule or for an element, or all. Absent elsewhere: agents of before know no such part.
     */
    quarantine: z
      .strictObject({
        dataset: z.string().min(1).max(200),
        entry: z
          .string()
          .regex(/^[0-9]{1,19}$/)
          .nullable(),
        rule: z.string().max(10).optional(),
        element: z.string().max(200).optional(),
      })
      .optional(),
    /** After this moment nobody waits for the answer any more; an agent does not begin a command that is late. */
    deadlineMs: z.int().positive(),
    principal: z.string().min(1),
  })
  .refine(({ source, target }) => (source === null) !== (target === null), { message: 'a command is for one source or for one target' });
export type AgentCommand = z.infer<typeof agentCommand>;

export const agentReply = z.strictObject({
  id: z.uuid(),
  /** False where the agent will not or cannot; `message` says why, for a person. */
  ok: z.boolean(),
  message: z.string().max(2000),
  /** What a status consists of; no values of rows. */
  detail: z.record(z.string(), z.unknown()).default({}),
});
export type AgentReply = z.infer<typeof agentReply>;
