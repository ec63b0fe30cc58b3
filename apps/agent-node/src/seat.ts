import { topicNames, type AgentCommand, type AgentReply } from '@truc/coordination';
import { openLogReader } from '@truc/kafka';
import { messageOf } from '@truc/kernel';
import { FlowSupervisor, type FlowState, type LogReader } from '@truc/pipeline';
import { PolicyReader } from '@truc/policy';
import { RegistryClient } from '@truc/registry-client';
import type { Logger, Telemetry } from '@truc/telemetry';
import { capturePlan, planText, runCapture } from './capture-plan.js';
import { CommandServer } from './command-server.js';
import { connectionOf, reveal, type SeatConfiguration } from './configuration.js';
import { Subscriptions } from './subscriptions.js';

interface RunningCapture {
  readonly plan: string;
  readonly supervisor: FlowSupervisor;
}

/** Contracts begin and end with a day, which no change of policy tells of. */
const followEveryMs = 60_000;

/** One agency at this node: reads its policy, captures its sources, applies what it subscribes to, and obeys its commands. */
export class Seat {
  readonly agency: string;
  readonly #seat: SeatConfiguration;
  readonly #telemetry: Telemetry;
  readonly #log: Logger;
  readonly #reader: LogReader;
  readonly #policy: PolicyReader;
  readonly #registry: RegistryClient;
  readonly #commands: CommandServer;
  readonly #subscriptions: Subscriptions;
  readonly #captures = new Map<string, RunningCapture>();
  readonly #paused = new Set<string>();
  /** Changes of policy are followed one after the other. */
  #following: Promise<void> = Promise.resolve();
  #isClosed = false;
  #dayWatch: NodeJS.Timeout | undefined;

  constructor(seat: SeatConfiguration, telemetry: Telemetry, log: Logger) {
    this.agency = seat.agency;
    this.#seat = seat;
    this.#telemetry = telemetry;
    this.#log = log;
    const connection = connectionOf(seat);
    this.#reader = openLogReader({ connection });
    this.#policy = new PolicyReader({
      reader: this.#reader,
      topics: [topicNames.policyCommon, topicNames.policy(seat.agency)],
      onProblem: ({ topic, key, reason }) => {
        telemetry.record('truc_policy_rejected', 1, { topic });
        log.warn({ topic, key, reason }, 'a policy entry cannot be read and is kept out');
      },
      onError: (error) => log.debug({ reason: messageOf(error) }, 'the policy topics cannot be read at the moment'),
    });
    const { url, principal, token } = seat.registry;
    this.#registry = new RegistryClient({ url, credentials: { principal, token: reveal(token) } });
    this.#commands = new CommandServer(connection, seat.agency, (command) => this.#obey(command), log);
    this.#subscriptions = new Subscriptions(seat, connection, this.#registry, telemetry, log);
  }

  start(): void {
    this.#policy.start();
    this.#policy.onChange(() => this.#follow());
    void this.#policy.ready.then(() => this.#follow());
    this.#commands.start();
    this.#dayWatch = setInterval(() => this.#follow(), followEveryMs);
  }

  get isReady(): boolean {
    return this.#policy.isReady;
  }

  /** For people: the state of every flow of this seat. No values of rows. */
  states(): Record<string, FlowState> {
    const captures = Object.keys(this.#seat.sources).map((database): [string, FlowState] => [
      `source/${database}`,
      this.#captures.get(database)?.supervisor.state ?? {
        kind: 'waiting',
        reason: `no policy names the source ${this.agency}/${database} yet`,
      },
    ]);
    return { ...Object.fromEntries(captures), ...this.#subscriptions.states() };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#dayWatch);
    await this.#commands.close();
    await this.#following;
    await Promise.all([...this.#captures.values()].map(({ supervisor }) => supervisor.close()));
    await this.#subscriptions.close();
    await this.#policy.close();
    await this.#reader.close();
  }

  #follow(): void {
    this.#following = this.#following
      .then(async () => {
        if (this.#isClosed || !this.#policy.isReady) return;
        for (const database of Object.keys(this.#seat.sources)) await this.#followSource(database);
        await this.#subscriptions.follow(this.#policy.all());
      })
      .catch((error: unknown) => this.#log.error({ reason: messageOf(error) }, 'the policy could not be followed'));
  }

  async #followSource(database: string): Promise<void> {
    const settings = this.#seat.sources[database];
    const plan = capturePlan(this.#policy.all(), this.agency, database);
    const running = this.#captures.get(database);
    if (settings === undefined || (plan !== null && running?.plan === planText(plan))) return;
    if (running !== undefined) {
      await running.supervisor.close();
      this.#captures.delete(database);
    }
    if (plan === null) return;
    const { sourceId } = plan.source;
    const supervisor = new FlowSupervisor({
      run: (signal) =>
        runCapture(
          plan,
          {
            connection: connectionOf(this.#seat),
            schemas: this.#registry,
            database: { url: reveal(settings.url), slot: settings.slot, publication: settings.publication },
            telemetry: this.#telemetry,
            log: this.#log,
          },
          signal,
        ),
      onState: (state) => this.#tell(sourceId, state),
    });
    this.#captures.set(database, { plan: planText(plan), supervisor });
    if (!this.#paused.has(database)) await supervisor.resume();
  }

  #tell(sourceId: string, state: FlowState): void {
    if (state.kind !== 'running') this.#telemetry.record('truc_capture_state', state.kind === 'stopped' ? -1 : 0, { source: sourceId });
    const line = { source: sourceId, ...state };
    if (state.kind === 'stopped') this.#log.error(line, 'capture stopped: it needs a person');
    else if (state.kind === 'retrying') this.#log.warn(line, 'capture will be tried again');
    else this.#log.info(line, `capture is ${state.kind}`);
  }

  async #obey({ id, command, source, principal }: AgentCommand): Promise<AgentReply> {
    this.#log.info({ command, source, principal, id }, 'command received');
    const databases = source === null ? Object.keys(this.#seat.sources) : [source];
    const unknown = databases.filter((database) => this.#seat.sources[database] === undefined);
    if (unknown.length > 0) return { id, ok: false, message: `this agent captures no source ${unknown.join(', ')}`, detail: {} };
    switch (command) {
      case 'status':
        return { id, ok: true, message: 'status', detail: this.states() };
      case 'pause':
        for (const database of databases) {
          this.#paused.add(database);
          await this.#captures.get(database)?.supervisor.pause();
        }
        return { id, ok: true, message: `paused: ${databases.join(', ')}`, detail: this.states() };
      case 'resume':
        for (const database of databases) {
          this.#paused.delete(database);
          await this.#captures.get(database)?.supervisor.resume();
        }
        return { id, ok: true, message: `resumed: ${databases.join(', ')}`, detail: this.states() };
    }
  }
}
