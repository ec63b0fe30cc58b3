import { topicNames, type AgentCommand, type AgentReply } from '@truc/coordination';
import { isoDateOfDays, vietnamToday } from '@truc/dictionary';
import { GroupLease, openLogReader, type KafkaConnection } from '@truc/kafka';
import { agencySlug, messageOf, reveal, systemClock } from '@truc/kernel';
import { FlowSet, flowStateValue, logFlowState, type FlowPlan, type FlowState, type LogReader } from '@truc/pipeline';
import { PolicyReader, reportPolicy } from '@truc/policy';
import { RegistryClient } from '@truc/registry-client';
import type { Logger, Telemetry } from '@truc/telemetry';
import { captureName, capturePlans, type CaptureParts } from './capture-plans.js';
import { CommandServer } from './command-server.js';
import { connectionOf, type SeatConfiguration } from './configuration.js';
import { obeyResolve } from './gap-command.js';
import { receiptPlan, subscriptionPlans, subscriptionsOf, targetName } from './subscriptions.js';
import { TargetDatabase } from './target-database.js';

/** Contracts begin and end with a day, which no change of policy tells of. */
const followEveryMs = 60_000;

/**
 * One agency at this node: reads its policy, captures its sources, applies what it subscribes to, and obeys its commands. A second node for the same agency does the
 * same, but for one thing: while the first one holds the seat's lease its flows stand by, and commands go to the first.
 */
export class Seat {
  readonly agency: string;
  readonly #seat: SeatConfiguration;
  readonly #connection: KafkaConnection;
  readonly #telemetry: Telemetry;
  readonly #log: Logger;
  readonly #reader: LogReader;
  readonly #policy: PolicyReader;
  readonly #registry: RegistryClient;
  readonly #lease: GroupLease;
  readonly #flows: FlowSet;
  readonly #targets: ReadonlyMap<string, TargetDatabase>;
  #commands: CommandServer | null = null;
  /** Changes of policy and of the lease are followed one after the other. */
  #following: Promise<void> = Promise.resolve();
  #isClosed = false;
  #dayWatch: NodeJS.Timeout | undefined;

  /** @param holder who this process is, for the people at another node of the agency */
  constructor(seat: SeatConfiguration, holder: string, telemetry: Telemetry, log: Logger) {
    this.agency = seat.agency;
    this.#seat = seat;
    this.#telemetry = telemetry;
    this.#log = log;
    const connection = connectionOf(seat);
    this.#connection = connection;
    this.#reader = openLogReader({ connection });
    this.#policy = new PolicyReader({
      reader: this.#reader,
      topics: [topicNames.policyCommon, topicNames.policy(seat.agency)],
      ...reportPolicy(telemetry, log),
    });
    const { url, principal, token } = seat.registry;
    const schemas = new RegistryClient({ url, credentials: { principal, token: reveal(token) } });
    this.#registry = schemas;
    const lease = new GroupLease({ connection, group: `agent.${agencySlug(seat.agency)}.lease`, holder });
    this.#lease = lease;
    this.#flows = new FlowSet({ lease, onState: (flow, state) => this.#tell(flow, state) });
    this.#targets = new Map(
      Object.entries(seat.targets).map(([name, target]) => [
        name,
        new TargetDatabase({ agency: seat.agency, name, url: reveal(target.url), connection, schemas, telemetry }),
      ]),
    );
  }

  start(): void {
    this.#policy.start();
    this.#policy.onChange(() => this.#follow());
    void this.#policy.ready.then(() => this.#follow());
    this.#lease.onChange(() => this.#inTurn(() => this.#followLease()));
    // It was asked for when this seat was made, and may have been given out before anybody listened.
    if (this.#lease.isHeld) this.#inTurn(() => this.#followLease());
    this.#dayWatch = setInterval(() => this.#follow(), followEveryMs);
  }

  get isReady(): boolean {
    return this.#policy.isReady;
  }

  /** Whether this node acts for the agency, or stands by for another one that does. */
  get role(): 'acting' | 'standby' {
    return this.#lease.isHeld ? 'acting' : 'standby';
  }

  /** For people: the state of every flow of this seat. No values of rows. */
  states(): Record<string, FlowState> {
    const flows = this.#flows.states();
    const waiting = [
      ...Object.keys(this.#seat.sources)
        .filter((database) => flows[captureName(database)] === undefined)
        .map((database) => [captureName(database), `no policy names the source ${this.agency}/${database} yet`]),
      ...Object.keys(this.#seat.targets)
        .filter((database) => !Object.keys(flows).some((flow) => flow.startsWith(`${targetName(database)}/`)))
        .map((database) => [targetName(database), `no contract in force names the database ${database} yet`]),
    ];
    return { ...Object.fromEntries(waiting.map(([name, reason]) => [name, { kind: 'waiting', reason }])), ...flows };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#dayWatch);
    await this.#following;
    await this.#commands?.close();
    await this.#flows.close();
    await Promise.all([...this.#targets.values()].map((target) => target.close()));
    await this.#lease.close();
    await this.#policy.close();
    await this.#reader.close();
  }

  #follow(): void {
    this.#inTurn(async () => {
      if (this.#policy.isReady) await this.#flows.follow(this.#plans());
    });
  }

  get #captureParts(): CaptureParts {
    return { connection: this.#connection, schemas: this.#registry, telemetry: this.#telemetry, log: this.#log };
  }

  #plans(): FlowPlan[] {
    const entries = this.#policy.all();
    const today = isoDateOfDays(vietnamToday(systemClock));
    return [
      ...capturePlans(entries, this.#seat, this.#captureParts),
      ...[...this.#targets].flatMap(([database, target]) => [
        ...subscriptionPlans(database, subscriptionsOf(entries, this.agency, database, today), target),
        receiptPlan(database, target),
      ]),
    ];
  }

  /** Commands are for the node that acts. */
  async #followLease(): Promise<void> {
    this.#log.info({ role: this.role }, `this node's role for the agency is ${this.role} now`);
    await this.#commands?.close();
    this.#commands = null;
    if (!this.#lease.isHeld) return;
    this.#commands = new CommandServer(this.#connection, this.agency, (command) => this.#obey(command), this.#log);
    this.#commands.start();
  }

  #inTurn(work: () => Promise<void>): void {
    this.#following = this.#following
      .then(() => (this.#isClosed ? undefined : work()))
      .catch((error: unknown) => this.#log.error({ reason: messageOf(error) }, 'a change could not be followed'));
  }

  #tell(flow: string, state: FlowState): void {
    const value = flowStateValue(state);
    if (!flow.startsWith(captureName(''))) this.#telemetry.record('truc_flow_state', value, { flow });
    // A capture says itself when it streams; before that it looks at what was sent.
    else if (value !== 1) this.#telemetry.record('truc_capture_state', value, { source: this.#sourceId(flow) });
    logFlowState(this.#log, flow, state);
  }

  #sourceId(flow: string): string {
    return `${agencySlug(this.agency)}.${flow.slice(captureName('').length)}`;
  }

  async #obey(asked: AgentCommand): Promise<AgentReply> {
    const { id, command, source, principal } = asked;
    this.#log.info({ command, source, principal, id }, 'command received');
    const databases = source === null ? Object.keys(this.#seat.sources) : [source];
    const unknown = databases.filter((database) => this.#seat.sources[database] === undefined);
    if (unknown.length > 0) return { id, ok: false, message: `this agent captures no source ${unknown.join(', ')}`, detail: {} };
    switch (command) {
      case 'status':
        return { id, ok: true, message: 'status', detail: this.states() };
      case 'pause':
        for (const database of databases) await this.#flows.pause(captureName(database));
        return { id, ok: true, message: `paused: ${databases.join(', ')}`, detail: this.states() };
      case 'resolve':
        return obeyResolve(asked, { ...this.#captureParts, seat: this.#seat, flows: this.#flows, entries: this.#policy.all() });
      case 'resume': {
        for (const database of databases) await this.#flows.resume(captureName(database));
        // What was stopped at the target side, receipts included, has no name of its own in a command: it is begun anew with everything.
        const others = source === null ? Object.keys(this.#flows.states()).filter((flow) => !flow.startsWith(captureName(''))) : [];
        for (const flow of others) await this.#flows.resume(flow);
        return { id, ok: true, message: `resumed: ${[...databases, ...others].join(', ')}`, detail: this.states() };
      }
    }
  }
}
