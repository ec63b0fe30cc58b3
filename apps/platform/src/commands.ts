import { randomUUID } from 'node:crypto';
import { Body, Controller, HttpCode, Inject, Injectable, Param, Post } from '@nestjs/common';
import type { Principal } from '@truc/access';
import { agentCommand, type AgentReply } from '@truc/coordination';
import { CoordinationStore } from '@truc/coordination-store';
import { hasCode, messageOf, TrucError } from '@truc/kernel';
import { z } from 'zod';
import { AgentClient } from './agent-client.js';
import { Broker } from './broker.js';
import { Caller, demand } from './caller.js';
import { parseBody } from './request-body.js';

const commandRequest = z
  .strictObject({
    command: agentCommand.shape.command,
    source: agentCommand.shape.source.default(null),
    resolution: agentCommand.shape.resolution,
    /** How long the caller waits for the agent, in milliseconds. */
    timeoutMs: z.int().min(1000).max(60_000).default(15_000),
  })
  .refine(({ command, resolution }) => (command === 'resolve') === (resolution !== null), {
    message: 'resolve, and nothing else, takes a resolution: the code of the gap and the reason',
    path: ['resolution'],
  })
  .refine(({ command, source }) => command !== 'resolve' || source !== null, { message: 'resolve names one source', path: ['source'] });
type CommandRequest = z.infer<typeof commandRequest>;

/** Sends commands, each with its id, deadline, principal and audit row. One client for each agency, opened when it is first needed. */
@Injectable()
export class AgentCommands {
  readonly #store: CoordinationStore;
  readonly #broker: Broker;
  readonly #clients = new Map<string, AgentClient>();

  constructor(@Inject(CoordinationStore) store: CoordinationStore, @Inject(Broker) broker: Broker) {
    this.#store = store;
    this.#broker = broker;
  }

  /** @throws TrucError PLATFORM_AGENT_SILENT, PLATFORM_NOT_READY */
  async send(caller: Principal, agency: string, request: CommandRequest): Promise<AgentReply> {
    const { command, source, resolution, timeoutMs } = request;
    const id = randomUUID();
    const deadlineMs = Date.now() + timeoutMs;
    await this.#store.addCommand({ id, agency, name: command, source, principal: caller.name, deadlineMs });
    try {
      const message = { id, command, source, resolution, deadlineMs, principal: caller.name };
      const reply = await this.#client(agency).send(message, () => this.#store.countAttempt(id));
      await this.#end(caller, agency, id, request, reply.ok ? 'answered' : 'refused', reply);
      return reply;
    } catch (error) {
      const state = hasCode(error, 'PLATFORM_AGENT_SILENT') ? 'timed-out' : 'failed';
      await this.#end(caller, agency, id, request, state, { message: messageOf(error) });
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#clients.values()].map((client) => client.close()));
    this.#clients.clear();
  }

  async #end(
    caller: Principal,
    agency: string,
    id: string,
    { command, source, resolution }: CommandRequest,
    state: 'answered' | 'refused' | 'timed-out' | 'failed',
    result: object,
  ): Promise<void> {
    await this.#store.endCommand(id, state, result);
    await this.#store.audit({
      principal: caller.name,
      action: `agent.${command}`,
      subject: agency,
      result: state,
      detail: { id, source, ...resolution },
    });
  }

  #client(agency: string): AgentClient {
    const known = this.#clients.get(agency);
    if (known !== undefined) return known;
    const client = new AgentClient(this.#broker.connection, agency);
    this.#clients.set(agency, client);
    return client;
  }
}

/** POST /v1/agents/:agency/commands */
@Controller('v1/agents')
export class CommandsController {
  readonly #commands: AgentCommands;
  readonly #store: CoordinationStore;

  constructor(@Inject(AgentCommands) commands: AgentCommands, @Inject(CoordinationStore) store: CoordinationStore) {
    this.#commands = commands;
    this.#store = store;
  }

  @Post(':agency/commands')
  @HttpCode(200)
  async command(@Caller() caller: Principal, @Param('agency') agency: string, @Body() body: unknown): Promise<AgentReply> {
    demand(caller, 'commands.send', agency);
    const request = parseBody(commandRequest, body);
    if ((await this.#store.document('agency', agency)) === null)
      throw new TrucError('PLATFORM_NOT_FOUND', `there is no agency "${agency}"`);
    return this.#commands.send(caller, agency, request);
  }
}
