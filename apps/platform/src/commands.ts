import { randomUUID } from 'node:crypto';
import { Body, Controller, HttpCode, Inject, Injectable, Param, Post } from '@nestjs/common';
import type { Principal } from '@truc/access';
import { agentCommand, type AgentReply, type PolicyEntry } from '@truc/coordination';
import { CoordinationStore } from '@truc/coordination-store';
import { isoDateOfDays, vietnamToday } from '@truc/dictionary';
import { hasCode, messageOf, systemClock, TrucError } from '@truc/kernel';
import { z } from 'zod';
import { agencyDatabases, databaseName, type AgencyDatabase } from './agency-databases.js';
import { AgentClient } from './agent-client.js';
import { Broker } from './broker.js';
import { Caller, demand } from './caller.js';
import { mergedReply } from './merged-reply.js';
import { parseBody } from './request-body.js';

const commandRequest = z
  .strictObject({
    command: agentCommand.shape.command,
    source: agentCommand.shape.source.default(null),
    resolution: agentCommand.shape.resolution,
    quarantine: agentCommand.shape.quarantine,
    /** How long the caller waits for the agent, in milliseconds. */
    timeoutMs: z.int().min(1000).max(60_000).default(15_000),
  })
  .refine(({ command, resolution }) => (command === 'resolve') === (resolution !== null), {
    message: 'resolve, and nothing else, takes a resolution: the code of the gap and the reason',
    path: ['resolution'],
  })
  .refine(({ command, quarantine }) => (command === 'quarantine' || command === 'retry') === (quarantine !== undefined), {
    message: 'quarantine and retry, and nothing else, take a dataset and an entry of it or null',
    path: ['quarantine'],
  })
  .refine(({ command, source }) => !(command === 'resolve' || command === 'quarantine' || command === 'retry') || source !== null, {
    message: 'resolve, quarantine and retry name one source',
    path: ['source'],
  });
type CommandRequest = z.infer<typeof commandRequest>;

type Message = Omit<Parameters<AgentClient['send']>[0], 'source' | 'target'>;

/** Sends commands, each with its id, deadline, principal and audit row. One client for each agency, opened when it is first needed. */
@Injectable()
export class AgentCommands {
  readonly #store: CoordinationStore;
  readonly #broker: Broker;
  readonly #entries: () => readonly PolicyEntry[];
  readonly #clients = new Map<string, AgentClient>();

  /** @param entries the policy as it is in force */
  constructor(store: CoordinationStore, broker: Broker, entries: () => readonly PolicyEntry[]) {
    this.#store = store;
    this.#broker = broker;
    this.#entries = entries;
  }

  /**
   * Sends the command to whoever acts for the source. Without a source it goes to whoever acts for each of the agency's databases, which may be several nodes, and their
   * answers are one; a pause holds sources only.
   * @throws TrucError PLATFORM_AGENT_SILENT when nobody answered at all, PLATFORM_NOT_READY
   */
  async send(caller: Principal, agency: string, request: CommandRequest): Promise<AgentReply> {
    const { command, source, resolution, quarantine, timeoutMs } = request;
    const id = randomUUID();
    const deadlineMs = Date.now() + timeoutMs;
    await this.#store.addCommand({ id, agency, name: command, source, principal: caller.name, deadlineMs });
    try {
      const message = { id, command, resolution, quarantine, deadlineMs, principal: caller.name };
      const reply = await this.#ask(agency, source, message);
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

  async #ask(agency: string, source: string | null, message: Message): Promise<AgentReply> {
    const { id, command } = message;
    const all = agencyDatabases(this.#entries(), agency, isoDateOfDays(vietnamToday(systemClock)));
    const meant = all.filter((database) =>
      source === null ? command !== 'pause' || database.source !== null : database.source === source,
    );
    if (meant.length === 0) return { id, ok: false, message: unknownDatabase(agency, source, all), detail: {} };
    const client = this.#client(agency);
    const answers = await Promise.all(
      meant.map(async (database) => {
        const reply = await client.send({ ...message, ...database }, () => this.#store.countAttempt(id)).catch(whenSilent);
        return { database: databaseName(database), reply };
      }),
    );
    const silence = answers.find(({ reply }) => reply instanceof TrucError)?.reply;
    if (silence instanceof TrucError && answers.every(({ reply }) => reply instanceof TrucError)) throw silence;
    return mergedReply(
      id,
      answers.map(({ database, reply }) => ({ database, reply: reply instanceof TrucError ? null : reply })),
    );
  }

  async #end(
    caller: Principal,
    agency: string,
    id: string,
    { command, source, resolution, quarantine }: CommandRequest,
    state: 'answered' | 'refused' | 'timed-out' | 'failed',
    result: object,
  ): Promise<void> {
    // What was answered of quarantine is in the log for a week and need not stay longer.
    await this.#store.endCommand(id, state, command === 'quarantine' ? { message: 'message' in result ? result.message : '' } : result);
    await this.#store.audit({
      principal: caller.name,
      action: `agent.${command}`,
      subject: agency,
      result: state,
      detail: { id, source, ...resolution, ...quarantine },
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

/** What may be said beside the answers of others. @throws every other error */
function whenSilent(error: unknown): TrucError {
  if (error instanceof TrucError && error.code === 'PLATFORM_AGENT_SILENT') return error;
  throw error;
}

function unknownDatabase(agency: string, source: string | null, all: readonly AgencyDatabase[]): string {
  const sources = all.flatMap((database) => (database.source === null ? [] : [database.source]));
  const known = sources.length === 0 ? 'no source of it was applied' : `its sources are ${sources.join(', ')}`;
  return source === null ? `${agency} has nothing that this command is for: ${known}` : `${agency} has no source ${source}: ${known}`;
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
