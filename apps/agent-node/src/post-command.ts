import type { AgentCommand, AgentReply, PolicyEntry } from '@truc/coordination';
import type { FlowSet, FlowState } from '@truc/pipeline';
import type { CaptureParts } from './capture-plans.js';
import type { SeatConfiguration } from './configuration.js';
import { obeyResolve } from './gap-command.js';
import { obeyQuarantine } from './quarantine-command.js';
import { obeyRetry } from './retry-command.js';

export interface PostCommandParts extends CaptureParts {
  readonly seat: SeatConfiguration;
  readonly flows: FlowSet;
  readonly entries: readonly PolicyEntry[];
  /** Name of the post that was asked: `source/population`. */
  readonly post: string;
  /** States of its flows, by name; what waits for a policy has a state and no flow. */
  readonly states: () => Record<string, FlowState>;
}

/**
 * Carries out a command for one database.
 * @param signal aborts when this node no longer acts for it
 * @throws as `obeyResolve` and `obeyQuarantine`
 */
export async function obeyPostCommand(asked: AgentCommand, parts: PostCommandParts, signal: AbortSignal): Promise<AgentReply> {
  const { id, command } = asked;
  const { flows, post, states, apart } = parts;
  const done = (message: string): AgentReply => ({
    id,
    ok: true,
    message,
    detail: { ...states(), ...(states()[post]?.kind === 'running' ? apart?.of(post) : {}) },
  });
  switch (command) {
    case 'status':
      return done('status');
    case 'pause':
      for (const flow of Object.keys(states())) await flows.pause(flow);
      return done(`paused: ${post}`);
    case 'resume':
      for (const [flow, { kind }] of Object.entries(states())) {
        // What is stopped in a capture that runs is tried again by the next attempt.
        if (kind === 'running' && apart?.hasStopped(flow) === true) await flows.pause(flow);
        await flows.resume(flow);
      }
      return done(`resumed: ${post}`);
    case 'resolve':
      return obeyResolve(asked, parts, signal);
    case 'retry':
      return obeyRetry(asked, parts, signal);
    case 'quarantine':
      return obeyQuarantine(asked, parts, signal);
  }
}
